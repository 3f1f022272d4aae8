package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.tag.PushChecks;
import dev.slipway.actor.tag.PushPlaces;
import dev.slipway.actor.tag.Sighting;
import dev.slipway.actor.tag.TagAction;
import dev.slipway.actor.tag.TagActions;
import dev.slipway.actor.tag.TagConsumers;
import dev.slipway.actor.tag.TagFollows;
import dev.slipway.actor.tag.TagPushes;
import dev.slipway.actor.tag.TagStatusRenderer;
import dev.slipway.actor.tag.TagTargets;
import dev.slipway.actor.tag.TagView;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Points names at images. A name moves in one step: whoever looks it up gets the image before or the image after.
///
/// ```
/// round -> target -> action -> name moved -> status -> consumers roll ... ready -> rollout over -> pushes
///                                                                     ... late  -> back
/// ```
///
/// A Tag whose target has no image stays where it was. Thread-safe.
final class TagController implements Controller {
    private static final Logger LOG = Logger.getLogger(TagController.class);

    private final ObjectApi objects;
    private final Images images;
    private final EventRecorder recorder;
    private final Schedule schedule;
    private final ImageRoom room;
    private final TagFollows follows;
    private final TagPushes pushes;
    private final PushChecks checks;
    private final PushPlaces places;
    private final TagTargets targets;

    TagController(ImageActor.Parts parts, ImageRoom room, TagFollows follows, Publishing publishing) {
        this.objects = parts.objects();
        this.images = parts.images();
        this.recorder = parts.events();
        this.schedule = parts.schedule();
        this.room = room;
        this.follows = follows;
        this.pushes = publishing.pushes();
        this.checks = publishing.checks();
        this.places = new PushPlaces(objects.store(), pushes, checks);
        this.targets = new TagTargets(objects.store(), images, follows, room.names()::tag);
    }

    /// What publishes Tags, and looks after what was published.
    record Publishing(TagPushes pushes, PushChecks checks) {}

    @Override
    public GroupResource resource() {
        return ImageObjects.TAGS;
    }

    /// An Image concerns the Tags that follow it, and those that are pinned to its digest; who runs an image, the
    /// Tags that name it; a Registry, the Tags that are pushed there.
    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        return tags().filter(tag -> isConcerned(tag, changed))
                .map(tag -> ImageObjects.tagKey(tag.name()))
                .toList();
    }

    private static boolean isConcerned(ApiObject tag, ApiObject changed) {
        return switch (changed.kind()) {
            case "Image" -> {
                String digest = changed.status().path("digest").asText();
                yield tag.spec().at("/target/image/name").asText().equals(changed.name())
                        || !digest.isEmpty()
                                && tag.spec().at("/target/digest").asText().equals(digest);
            }
            case "Container", "Deployment", "Pod" -> TagConsumers.uses(changed, tag);
            case "Registry" -> {
                for (JsonNode push : tag.spec().path("push")) {
                    if (push.path("registry").asText().equals(changed.name())) {
                        yield true;
                    }
                }
                yield false;
            }
            default -> false;
        };
    }

    private Stream<ApiObject> tags() {
        return objects.store().list(ImageObjects.TAGS, "").items().stream();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> found = objects.store().get(key);
        if (found.isEmpty()) {
            forget(key);
            return Result.SETTLED;
        }
        ApiObject tag = found.get();
        try {
            if (tag.deletionTimestamp().isPresent()) {
                forget(key);
                release(tag);
                return Result.SETTLED;
            }
            return round(key, tag);
        } catch (ApiException e) {
            LOG.warnf("tag not reported tag=%s: %s", key.name(), e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        } catch (IOException e) {
            LOG.warnf("tag not moved tag=%s: %s", key.name(), e.getMessage());
            recorder.warning(Involved.of(tag), Reason.FAILED, String.valueOf(e.getMessage()));
            return new Result.Waiting(Reason.FAILED.toString(), Duration.ZERO);
        }
    }

    private void forget(ObjectKey key) {
        follows.forget(key);
        pushes.retain(key, Set.of());
        checks.retain(key, Set.of());
    }

    private Result round(ObjectKey key, ApiObject tag) throws ApiException, IOException {
        Instant now = schedule.clock().instant();
        Optional<Reference> name = ImageObjects.tagName(tag);
        TagTargets.Known known = targets.look(key, tag);
        Sighting sighting = known.sighting();
        TagView view =
                new TagView(tag, known.target(), TagConsumers.of(objects.store(), tag), digest -> images.find(digest)
                        .isPresent());
        TagAction action = TagActions.compute(view, now);
        ObjectNode status = TagStatusRenderer.render(view, action, sighting, now);
        Optional<LocalImage> image = ImageObjects.parseDigest(status).flatMap(images::find);
        if (image.isPresent() && name.isPresent() && !(action instanceof TagAction.Refuse)) {
            point(name.get(), image.get());
        }
        Optional<PushPlaces.Subject> subject =
                image.map(each -> new PushPlaces.Subject(tag, key, each, targets.origin(tag, sighting)));
        Optional<Instant> pushing = push(subject, status, now);
        tell(tag, action, status);
        objects.report(kind(), tag, status);
        targets.settled(key, tag);
        name.ifPresent(each -> room.implicit().show(each, ImageObjects.history(status)));
        if (!status.equals(tag.status())) {
            name.ifPresent(room::nameChanged);
            room.garbage().suspect();
        }
        if (room.garbage().isDue()) {
            room.garbage().collect(Set.of());
        }
        return again(
                Stream.of(
                                Optional.ofNullable(sighting).map(follows::next),
                                action instanceof TagAction.Hold hold ? hold.until() : Optional.<Instant>empty(),
                                TagStatusRenderer.nextLook(view, status, now),
                                pushing)
                        .flatMap(Optional::stream)
                        .min(Instant::compareTo),
                now);
    }

    private static Result again(Optional<Instant> next, Instant now) {
        return next.<Result>map(at -> new Result.Again(
                        at.isAfter(now) ? Duration.between(now, at).plusMillis(1) : Duration.ofMillis(1)))
                .orElse(Result.SETTLED);
    }

    private Optional<Instant> push(Optional<PushPlaces.Subject> subject, ObjectNode status, Instant now) {
        if (subject.isEmpty()) {
            return Optional.empty();
        }
        ApiObject tag = subject.get().tag();
        if (!Conditions.isTrue(status, "RolledOut") && !tag.spec().path("push").isEmpty()) {
            return Optional.empty();
        }
        PushPlaces.Outcome outcome = places.advance(subject.get(), status, now);
        outcome.news().forEach(words -> recorder.normal(Involved.of(tag), Reason.PUSHED, words));
        outcome.losses().forEach(words -> recorder.warning(Involved.of(tag), Reason.PUSH_LOST, words));
        String told =
                Conditions.find(tag.status(), "Pushed").map(Condition::message).orElse("");
        outcome.failures().stream()
                .filter(words -> !told.contains(words))
                .forEach(words -> recorder.warning(Involved.of(tag), Reason.PUSH_FAILED, words));
        return outcome.next();
    }

    private void point(Reference name, LocalImage image) throws IOException {
        Optional<Digest> before = images.find(name).map(LocalImage::digest);
        if (!before.equals(Optional.of(image.digest()))) {
            images.name(name, image.digest());
            LOG.infof("tag moved name=%s digest=%s", name.familiar(), image.digest());
        }
    }

    private void tell(ApiObject tag, TagAction action, ObjectNode status) {
        String told = tag.status().path("digest").asText();
        String from = told.isEmpty() ? "" : " from " + told;
        String words = TagConsumers.name(tag).map(Reference::familiar).orElse("") + " moved" + from + " to "
                + status.path("digest").asText();
        if (action instanceof TagAction.RollBack back) {
            recorder.warning(Involved.of(tag), Reason.ROLLED_BACK, words + ": " + back.why());
        } else if (action instanceof TagAction.Move move) {
            recorder.normal(Involved.of(tag), Reason.TAG_MOVED, words);
        }
    }

    /// Takes the name away, unless it is another object's by now, and lets the Tag go.
    private void release(ApiObject tag) throws ApiException, IOException {
        Optional<Reference> name = ImageObjects.tagName(tag);
        boolean isOwn = name.isPresent()
                && room.names()
                        .tag(name.get())
                        .filter(first -> first.name().equals(tag.name()))
                        .isPresent();
        if (isOwn) {
            images.unname(name.get());
        }
        room.garbage().collect(Set.of(ImageObjects.tagKey(tag.name())));
        ImageRoom.release(objects, kind(), tag);
        if (isOwn) {
            afterwards(name.get());
        }
    }

    /// The name may be another Tag's now, or that of an Image that it was kept from.
    private void afterwards(Reference name) {
        room.names().tags(name).forEach(next -> room.touched().accept(ImageObjects.tagKey(next.name())));
        objects.store().list(ImageObjects.IMAGES, "").items().stream()
                .filter(image ->
                        ImageObjects.ownName(image).filter(name::equals).isPresent())
                .forEach(image -> room.touched().accept(ImageObjects.imageKey(image.name())));
        room.nameChanged(name);
    }

    private Kind kind() {
        return objects.kinds().find(ImageObjects.TAGS).orElseThrow();
    }
}
