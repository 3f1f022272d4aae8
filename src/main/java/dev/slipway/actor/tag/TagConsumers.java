package dev.slipway.actor.tag;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Who runs what a Tag points at. Pure but for the look into the store.
public final class TagConsumers {
    private static final GroupResource CONTAINERS = new GroupResource(OwnGroup.GROUP, "containers");
    private static final GroupResource PODS = GroupResource.core("pods");

    private TagConsumers() {}

    /// @param digest what it runs; empty while it runs nothing
    /// @param readySince since when it is ready; far in the past where that is not known
    /// @param counts whether a rollout waits for it: it rolls by itself, and is to run
    public record Consumer(
            String kind,
            String namespace,
            String name,
            String digest,
            boolean ready,
            Instant readySince,
            boolean counts) {
        boolean runs(Digest wanted) {
            return ready && digest.equals(wanted.value());
        }

        @Override
        public String toString() {
            return kind + " " + namespace + "/" + name;
        }
    }

    /// Those of a Tag, Containers first. A Pod of a Container is not one besides.
    public static List<Consumer> of(ObjectStore store, ApiObject tag) {
        List<Consumer> consumers = new ArrayList<>();
        for (ApiObject container : store.list(CONTAINERS, "").items()) {
            if (uses(container, tag)) {
                consumers.add(container(container));
            }
        }
        for (ApiObject pod : store.list(PODS, "").items()) {
            if (!isOwned(pod) && uses(pod, tag)) {
                consumers.add(pod(pod));
            }
        }
        return consumers;
    }

    private static boolean isOwned(ApiObject pod) {
        for (JsonNode owner : pod.metadata().path("ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return true;
            }
        }
        return false;
    }

    /// Whether a Container or a Pod runs what the Tag points at.
    public static boolean uses(ApiObject object, ApiObject tag) {
        JsonNode from = object.spec().path("imageFrom");
        if (from.isObject()) {
            return from.path("kind").asText().equals("Tag")
                    && from.path("name").asText().equals(tag.name());
        }
        Optional<Reference> name = name(tag);
        if (object.kind().equals("Container")) {
            return name.isPresent() && is(object.spec().path("image").asText(), name.get());
        }
        for (JsonNode container : object.spec().path("containers")) {
            if (name.isPresent() && is(container.path("image").asText(), name.get())) {
                return true;
            }
        }
        return false;
    }

    private static boolean is(String image, Reference name) {
        try {
            return !image.isEmpty() && Reference.parse(image).equals(name);
        } catch (InvalidReferenceException e) {
            return false;
        }
    }

    /// What a Tag names; empty where its spec names nothing.
    public static Optional<Reference> name(ApiObject tag) {
        try {
            return Optional.of(Reference.parse(tag.spec().path("repository").asText() + ":"
                    + tag.spec().path("tag").asText("latest")));
        } catch (InvalidReferenceException e) {
            return Optional.empty();
        }
    }

    private static Consumer container(ApiObject container) {
        boolean runs = container.spec().path("desiredState").asText("Running").equals("Running")
                && container.deletionTimestamp().isEmpty();
        boolean current = container.status().path("observedGeneration").asLong() == container.generation();
        return new Consumer(
                "Container",
                container.namespace(),
                container.name(),
                container.status().at("/image/digest").asText(),
                current && Conditions.isTrue(container.status(), "Ready"),
                later(since(container.status()), time(container.status().path("startedAt"))),
                runs);
    }

    private static Instant since(JsonNode status) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return time(condition.path("lastTransitionTime"));
            }
        }
        return Instant.EPOCH;
    }

    private static Instant time(JsonNode text) {
        return text.asText().isEmpty() ? Instant.EPOCH : Instant.parse(text.asText());
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /// A Pod by itself stays with what it was made of.
    private static Consumer pod(ApiObject pod) {
        String imageId = pod.status().at("/containerStatuses/0/imageID").asText();
        int at = imageId.indexOf("sha256:");
        return new Consumer(
                "Pod",
                pod.namespace(),
                pod.name(),
                at < 0 ? "" : imageId.substring(at),
                Conditions.isTrue(pod.status(), "Ready"),
                since(pod.status()),
                false);
    }
}
