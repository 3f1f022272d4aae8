package dev.slipway.actor.tag;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Who runs what a Tag points at. Pure but for the look into the store.
public final class TagConsumers {
    private static final GroupResource CONTAINERS = new GroupResource(OwnGroup.GROUP, "containers");
    private static final GroupResource DEPLOYMENTS = new GroupResource("apps", "deployments");
    private static final GroupResource REPLICA_SETS = new GroupResource("apps", "replicasets");
    private static final GroupResource TAGS = new GroupResource(OwnGroup.GROUP, "tags");
    private static final GroupResource PODS = GroupResource.core("pods");

    private TagConsumers() {}

    /// @param digest what it runs; empty while it runs nothing
    /// @param readySince since when it is ready; far in the past where that is not known
    /// @param counts whether a rollout waits for it: it rolls by itself, and is to run
    /// @param failed whether it has given up to get ready with what it runs
    public record Consumer(
            String kind,
            String namespace,
            String name,
            String digest,
            boolean ready,
            Instant readySince,
            boolean counts,
            boolean failed) {
        boolean runs(Digest wanted) {
            return ready && digest.equals(wanted.value());
        }

        boolean hasFailedWith(Digest wanted) {
            return failed && counts && digest.equals(wanted.value());
        }

        @Override
        public String toString() {
            return kind + " " + namespace + "/" + name;
        }
    }

    /// Those of a Tag, Containers first. A Pod of a Container or a Deployment is not one besides; one of a ReplicaSet
    /// that nobody controls is, because that rolls nothing.
    public static List<Consumer> of(ObjectStore store, ApiObject tag) {
        List<Consumer> consumers = new ArrayList<>();
        for (ApiObject container : store.list(CONTAINERS, "").items()) {
            if (uses(container, tag)) {
                consumers.add(container(container));
            }
        }
        for (ApiObject deployment : store.list(DEPLOYMENTS, "").items()) {
            if (uses(deployment, tag)) {
                consumers.add(deployment(deployment, tag));
            }
        }
        for (ApiObject pod : store.list(PODS, "").items()) {
            if (!isRolled(pod, store) && uses(pod, tag)) {
                consumers.add(pod(pod));
            }
        }
        return consumers;
    }

    /// Whether somebody replaces it when the Tag moves.
    private static boolean isRolled(ApiObject pod, ObjectStore store) {
        Optional<JsonNode> owner = controller(pod);
        boolean isOfSet = owner.filter(each -> each.path("kind").asText().equals("ReplicaSet"))
                .isPresent();
        return isOfSet
                ? store.get(new ObjectKey(
                                REPLICA_SETS,
                                pod.namespace(),
                                owner.get().path("name").asText()))
                        .flatMap(TagConsumers::controller)
                        .isPresent()
                : owner.isPresent();
    }

    private static Optional<JsonNode> controller(ApiObject object) {
        for (JsonNode owner : object.metadata().path("ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return Optional.of(owner);
            }
        }
        return Optional.empty();
    }

    /// Whether a Container, a Pod or a Deployment runs what the Tag points at.
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
        return name.isPresent()
                && PinnedImages.containers(podSpec(object)).stream()
                        .anyMatch(container -> is(container.path("image").asText(), name.get()));
    }

    private static JsonNode podSpec(ApiObject object) {
        return object.kind().equals("Deployment") ? object.spec().at("/template/spec") : object.spec();
    }

    /// The Tag that has a name which is written as an image; the oldest where several claim it.
    public static Optional<ApiObject> named(ObjectStore store, String image) {
        return store.list(TAGS, "").items().stream()
                .filter(tag -> name(tag).filter(name -> is(image, name)).isPresent())
                .min(Comparator.comparing((ApiObject tag) ->
                                tag.metadata().path("creationTimestamp").asText())
                        .thenComparing(ApiObject::name));
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
                later(
                        since(container.status(), "Ready"),
                        time(container.status().path("startedAt"))),
                runs,
                false);
    }

    /// A Deployment is ready when all of its pods are of its newest version and available; it has failed when its
    /// own deadline is over.
    private static Consumer deployment(ApiObject deployment, ApiObject tag) {
        JsonNode spec = deployment.spec();
        JsonNode status = deployment.status();
        int wanted = spec.path("replicas").asInt(1);
        boolean current = status.path("observedGeneration").asLong() == deployment.generation();
        boolean complete = Stream.of("updatedReplicas", "replicas", "availableReplicas")
                .allMatch(field -> status.path(field).asInt() == wanted);
        String state = deployment.annotations().getOrDefault(PodAnnotations.DESIRED_STATE, "Running");
        boolean runs = wanted > 0
                && state.equals("Running")
                && !spec.path("paused").asBoolean()
                && deployment.deletionTimestamp().isEmpty();
        return new Consumer(
                "Deployment",
                deployment.namespace(),
                deployment.name(),
                pinned(deployment, tag),
                current && complete,
                later(since(status, "Available"), since(status, "Progressing")),
                runs,
                current && isLate(status));
    }

    private static boolean isLate(JsonNode status) {
        return Conditions.find(status, "Progressing")
                .filter(condition -> condition.reason().equals(Reason.PROGRESS_DEADLINE_EXCEEDED.toString()))
                .isPresent();
    }

    /// What the containers that have the Tag's name are bound to.
    private static String pinned(ApiObject deployment, ApiObject tag) {
        PinnedImages pinned = PinnedImages.of(deployment.spec().path("template"));
        Optional<Reference> name = name(tag);
        return PinnedImages.containers(podSpec(deployment)).stream()
                .filter(container ->
                        name.isPresent() && is(container.path("image").asText(), name.get()))
                .flatMap(container ->
                        pinned
                                .of(
                                        container.path("name").asText(),
                                        container.path("image").asText())
                                .stream())
                .map(PinnedImages::digest)
                .findFirst()
                .orElse("");
    }

    private static Instant since(JsonNode status, String type) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return later(time(condition.path("lastTransitionTime")), time(condition.path("lastUpdateTime")));
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
                since(pod.status(), "Ready"),
                false,
                false);
    }
}
