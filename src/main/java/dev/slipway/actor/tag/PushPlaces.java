package dev.slipway.actor.tag;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Sees to it that what a Tag points at is where its spec wants it pushed, and writes that into its status.
public final class PushPlaces {
    private static final GroupResource REGISTRIES = new GroupResource(OwnGroup.GROUP, "registries");

    private final ObjectStore store;
    private final TagPushes pushes;

    public PushPlaces(ObjectStore store, TagPushes pushes) {
        this.store = store;
        this.pushes = pushes;
    }

    /// @param next when to look again; empty if an event will tell
    /// @param news what has just been pushed, and what has just failed, as sentences
    public record Outcome(Optional<Instant> next, List<String> news, List<String> failures) {}

    /// Advances the pushes of a Tag. Changes `status`, which has the Tag at `image`.
    public Outcome advance(ApiObject tag, ObjectKey key, LocalImage image, ObjectNode status, Instant now) {
        JsonNode before = status.path("pushes").deepCopy();
        ArrayNode shown = ObjectCodec.json().createArrayNode();
        Set<TagPushes.Job> wanted = new HashSet<>();
        List<String> news = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        List<String> running = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        Optional<Instant> next = Optional.empty();
        for (JsonNode push : tag.spec().path("push")) {
            String registry = push.path("registry").asText();
            Optional<Reference> place = place(tag, push);
            if (place.isEmpty()) {
                failures.add("Registry " + registry + " does not exist");
                continue;
            }
            Optional<ObjectNode> known = known(before, registry, place.get());
            known.ifPresent(shown::add);
            if (known.isPresent()
                    && known.get().path("image").asText().equals(image.digest().value())) {
                pushes.known(place.get(), image);
                partial(image, known.get()).ifPresent(remarks::add);
                continue;
            }
            TagPushes.Job job = new TagPushes.Job(key, image.digest(), place.get());
            wanted.add(job);
            switch (pushes.advance(job, image)) {
                case TagPushes.State.Running begun -> running.add(place.get().familiar());
                case TagPushes.State.Failed failed -> {
                    failures.add(failed.message());
                    next = Optional.of(
                            next.filter(at -> at.isBefore(failed.pause().end()))
                                    .orElse(failed.pause().end()));
                }
                case TagPushes.State.Done done -> {
                    ObjectNode entry = known.orElseGet(shown::addObject);
                    entry.put("registry", registry)
                            .put("reference", place.get().familiar())
                            .put("digest", done.digest().value())
                            .put("image", image.digest().value())
                            .put("time", Timestamps.seconds(done.at()));
                    partial(image, entry).ifPresent(remarks::add);
                    news.add("Pushed %s to %s%s"
                            .formatted(
                                    done.digest(),
                                    place.get().familiar(),
                                    done.remark().isEmpty() ? "" : ": " + done.remark()));
                }
            }
        }
        pushes.retain(key, wanted);
        show(tag, status, shown, new Progress(running, failures, remarks), now);
        return new Outcome(next, news, failures);
    }

    private record Progress(List<String> running, List<String> failures, List<String> remarks) {}

    /// What is to be said of a place that has got less than the index that the image was chosen from.
    private static Optional<String> partial(LocalImage image, ObjectNode entry) {
        boolean isAlone = entry.path("digest").asText().equals(image.digest().value());
        return image.indexes().isEmpty() || !isAlone
                ? Optional.empty()
                : Optional.of("only %s was pushed to %s: other platforms of its index are not on this host"
                        .formatted(
                                image.config().platform(),
                                entry.path("reference").asText()));
    }

    private static void show(ApiObject tag, ObjectNode status, ArrayNode shown, Progress progress, Instant now) {
        if (tag.spec().path("push").isEmpty()) {
            status.remove("pushes");
            Conditions.remove(status, "Pushed");
            return;
        }
        status.set("pushes", shown);
        Condition condition = !progress.failures().isEmpty()
                ? Condition.no("Pushed", Reason.PUSH_FAILED, String.join("; ", progress.failures()))
                : progress.running().isEmpty()
                        ? Condition.yes("Pushed", Reason.SUCCEEDED, String.join("; ", progress.remarks()))
                        : Condition.no("Pushed", Reason.PROGRESSING, "to " + String.join(", ", progress.running()));
        Conditions.set(status, condition, tag.generation(), now);
    }

    private static Optional<ObjectNode> known(JsonNode pushes, String registry, Reference place) {
        for (JsonNode each : pushes) {
            if (each instanceof ObjectNode entry
                    && entry.path("registry").asText().equals(registry)
                    && entry.path("reference").asText().equals(place.familiar())) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    private Optional<Reference> place(ApiObject tag, JsonNode push) {
        Optional<String> host = store.get(
                        new ObjectKey(REGISTRIES, "", push.path("registry").asText()))
                .map(registry -> registry.spec().path("host").asText());
        Optional<Reference> own = TagConsumers.name(tag);
        if (host.isEmpty() || own.isEmpty()) {
            return Optional.empty();
        }
        String path = push.path("repository").asText(own.get().repository().path());
        String name = push.path("tag").asText(own.get().tag());
        try {
            return Optional.of(Reference.parse(host.get() + "/" + path + ":" + name));
        } catch (InvalidReferenceException e) {
            return Optional.empty();
        }
    }
}
