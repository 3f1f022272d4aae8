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
import dev.slipway.engine.image.ImagePusher;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Sees to it that what a Tag points at is where its spec wants it pushed, and writes that into its status. What
/// somebody else has put there, or has deleted, gives way to it: what is declared holds.
public final class PushPlaces {
    private static final GroupResource REGISTRIES = new GroupResource(OwnGroup.GROUP, "registries");

    private static final String PROGRESS = "progress";

    private final ObjectStore store;
    private final TagPushes pushes;
    private final PushChecks checks;

    public PushPlaces(ObjectStore store, TagPushes pushes, PushChecks checks) {
        this.store = store;
        this.pushes = pushes;
        this.checks = checks;
    }

    /// @param next when to look again; empty if an event will tell
    /// @param news what has just been pushed, as sentences; the others likewise
    /// @param losses places that point elsewhere by now, or nowhere
    /// @param failures what has just failed
    public record Outcome(Optional<Instant> next, List<String> news, List<String> losses, List<String> failures) {}

    /// What is pushed.
    ///
    /// @param image that the Tag points at
    /// @param origin where that came from
    public record Subject(ApiObject tag, ObjectKey key, LocalImage image, ImagePusher.Origin origin) {
        TagPushes.Job to(Reference place) {
            return new TagPushes.Job(key, image.digest(), origin, place);
        }
    }

    /// Advances the pushes of a Tag. Changes `status`, which has the Tag at the image.
    public Outcome advance(Subject subject, ObjectNode status, Instant now) {
        ApiObject tag = subject.tag();
        ObjectKey key = subject.key();
        Round round = new Round(subject, status.path("pushes").deepCopy());
        for (JsonNode push : tag.spec().path("push")) {
            String registry = push.path("registry").asText();
            place(tag, push)
                    .ifPresentOrElse(
                            place -> advance(round, registry, place),
                            () -> round.failures.add("Registry " + registry + " does not exist"));
        }
        pushes.retain(key, round.wanted);
        checks.retain(key, round.places);
        show(tag, status, round, now);
        return new Outcome(round.next, round.news, round.losses, round.failures);
    }

    /// What comes of the places of one Tag, one after the other.
    private static final class Round {
        private final Subject subject;
        private final JsonNode before;
        private final ArrayNode shown = ObjectCodec.json().createArrayNode();
        private final Set<TagPushes.Job> wanted = new HashSet<>();
        private final Set<Reference> places = new HashSet<>();
        private final List<String> news = new ArrayList<>();
        private final List<String> losses = new ArrayList<>();
        private final List<String> failures = new ArrayList<>();
        private final List<String> running = new ArrayList<>();
        private final List<String> remarks = new ArrayList<>();
        private Optional<Instant> next = Optional.empty();

        /// @param before what the status has of pushes
        Round(Subject subject, JsonNode before) {
            this.subject = subject;
            this.before = before;
        }

        void next(Instant at) {
            next = Optional.of(next.filter(at::isAfter).orElse(at));
        }
    }

    private void advance(Round round, String registry, Reference place) {
        round.places.add(place);
        // What is left of a push that is not over is no push.
        Optional<ObjectNode> known = known(round.before, registry, place)
                .map(entry -> entry.without(PROGRESS))
                .map(ObjectNode.class::cast)
                .filter(entry -> entry.has("digest"));
        boolean isCurrent = known.filter(entry -> isOf(round.subject, entry)).isPresent();
        if (isCurrent && isKept(round, known.get(), place)) {
            round.shown.add(known.get());
            pushes.known(place, round.subject.image());
            remark(round.subject, known.get()).ifPresent(round.remarks::add);
        } else {
            // Where a place has lost what was pushed, the status says so until it has it again.
            Optional<ObjectNode> entry = known.filter(each -> !isCurrent);
            entry.ifPresent(round.shown::add);
            push(round, registry, place, entry);
        }
    }

    /// Whether an entry tells of a push of this image, and of what the origin of the image says that it was.
    private static boolean isOf(Subject subject, ObjectNode entry) {
        String image = subject.image().digest().value();
        Optional<Digest> index = index(subject);
        boolean isSame = isOfNone(subject)
                ? entry.path("digest").asText().equals(image)
                : index.isEmpty()
                        || entry.path("index").asText().equals(index.get().value());
        return isSame && entry.path("image").asText().equals(image);
    }

    /// Whether the image was chosen from no index, as its origin says.
    private static boolean isOfNone(Subject subject) {
        return subject.origin().index().filter(subject.image().digest()::equals).isPresent();
    }

    /// The index that the image was chosen from, where that is known.
    private static Optional<Digest> index(Subject subject) {
        return subject.origin().index().filter(subject.image().indexes()::contains);
    }

    /// Whether the place has what was pushed there, as far as is known.
    private boolean isKept(Round round, ObjectNode entry, Reference name) {
        Optional<Digest> pushed = Digest.parse(entry.path("digest").asText());
        if (pushed.isEmpty()) {
            return false;
        }
        PushChecks.Place place = new PushChecks.Place(round.subject.key(), name);
        PushChecks.Seen seen = checks.look(place, pushed.get());
        checks.next(place).ifPresent(round::next);
        return switch (seen) {
            case PushChecks.Seen.Kept kept -> {
                if (!kept.doubt().isEmpty()) {
                    round.remarks.add("%s could not be looked at: %s".formatted(name.familiar(), kept.doubt()));
                }
                yield true;
            }
            case PushChecks.Seen.Lost lost -> {
                String found = lost.now()
                        .map(digest -> "points at " + digest + ", which somebody else has put there")
                        .orElse("is gone");
                round.losses.add("%s %s; %s is pushed again".formatted(name.familiar(), found, pushed.get()));
                pushes.again(round.subject.to(name));
                yield false;
            }
        };
    }

    private void push(Round round, String registry, Reference place, Optional<ObjectNode> known) {
        TagPushes.Job job = round.subject.to(place);
        round.wanted.add(job);
        switch (pushes.advance(job, round.subject.image())) {
            case TagPushes.State.Running begun -> {
                round.running.add(place.familiar());
                begun.meter().progress().ifPresent(progress -> known.orElseGet(round.shown::addObject)
                        .put("registry", registry)
                        .put("reference", place.familiar())
                        .set(PROGRESS, ObjectCodec.toTree(progress)));
            }
            case TagPushes.State.Failed failed -> {
                round.failures.add(failed.message());
                round.next(failed.pause().end());
            }
            case TagPushes.State.Done done -> {
                ObjectNode entry = known.orElseGet(round.shown::addObject);
                entry.put("registry", registry)
                        .put("reference", place.familiar())
                        .put("digest", done.digest().value())
                        .put("image", round.subject.image().digest().value())
                        .put("time", Timestamps.seconds(done.at()));
                entry.remove("index");
                index(round.subject).ifPresent(index -> entry.put("index", index.value()));
                entry.remove("remark");
                if (!done.remark().isEmpty()) {
                    entry.put("remark", done.remark());
                }
                PushChecks.Place pushed = new PushChecks.Place(round.subject.key(), place);
                checks.pushed(pushed, done.digest());
                checks.next(pushed).ifPresent(round::next);
                remark(round.subject, entry).ifPresent(round.remarks::add);
                String remark = done.remark().isEmpty() ? "" : ": " + done.remark();
                round.news.add("Pushed %s to %s%s".formatted(done.digest(), place.familiar(), remark));
            }
        }
    }

    /// What is to be said of what a place has got, and above all if it is less than the index that the image was
    /// chosen from.
    private static Optional<String> remark(Subject subject, ObjectNode entry) {
        LocalImage image = subject.image();
        String remark = entry.path("remark").asText();
        boolean isAlone = entry.path("digest").asText().equals(image.digest().value());
        if (image.indexes().isEmpty() || !isAlone || isOfNone(subject)) {
            return Optional.of(remark).filter(text -> !text.isEmpty());
        }
        String only = "only %s was pushed to %s"
                .formatted(image.config().platform(), entry.path("reference").asText());
        return Optional.of(remark.isEmpty() ? only : only + ": " + remark);
    }

    private static void show(ApiObject tag, ObjectNode status, Round round, Instant now) {
        if (tag.spec().path("push").isEmpty()) {
            status.remove("pushes");
            Conditions.remove(status, "Pushed");
            return;
        }
        status.set("pushes", round.shown);
        Condition condition = !round.failures.isEmpty()
                ? Condition.no("Pushed", Reason.PUSH_FAILED, String.join("; ", round.failures))
                : round.running.isEmpty()
                        ? Condition.yes("Pushed", Reason.SUCCEEDED, String.join("; ", round.remarks))
                        : Condition.no("Pushed", Reason.PROGRESSING, "to " + String.join(", ", round.running));
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
