package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
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
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Points names at images. A name moves in one step: whoever looks it up gets the image before or the image after.
///
/// A Tag whose target has no image stays where it was. Thread-safe.
final class TagController implements Controller {
    private static final Logger LOG = Logger.getLogger(TagController.class);
    private static final int HISTORY_LIMIT = 10;

    private final ObjectApi objects;
    private final Images images;
    private final EventRecorder recorder;
    private final Schedule schedule;
    private final ImageRoom room;

    TagController(ImageActor.Parts parts, ImageRoom room) {
        this.objects = parts.objects();
        this.images = parts.images();
        this.recorder = parts.events();
        this.schedule = parts.schedule();
        this.room = room;
    }

    @Override
    public GroupResource resource() {
        return ImageObjects.TAGS;
    }

    /// An Image concerns the Tags that follow it, and those that are pinned to its digest.
    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        if (!changed.kind().equals("Image")) {
            return List.of();
        }
        String digest = changed.status().path("digest").asText();
        return objects.store().list(ImageObjects.TAGS, "").items().stream()
                .filter(tag -> tag.spec().at("/target/image/name").asText().equals(changed.name())
                        || !digest.isEmpty()
                                && tag.spec().at("/target/digest").asText().equals(digest))
                .map(tag -> ImageObjects.tagKey(tag.name()))
                .toList();
    }

    /// Where a Tag shall point.
    private sealed interface Target {
        record Found(LocalImage image) implements Target {}

        record Missing(Reason reason, String message) implements Target {}

        /// Only a change of an object can help.
        record Refused(Reason reason, String message) implements Target {}
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> found = objects.store().get(key);
        if (found.isEmpty()) {
            return Result.SETTLED;
        }
        ApiObject tag = found.get();
        try {
            if (tag.deletionTimestamp().isPresent()) {
                release(tag);
            } else {
                point(tag);
            }
            return Result.SETTLED;
        } catch (ApiException e) {
            LOG.warnf("tag not reported tag=%s: %s", key.name(), e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        } catch (IOException e) {
            LOG.warnf("tag not moved tag=%s: %s", key.name(), e.getMessage());
            recorder.warning(Involved.of(tag), Reason.FAILED, String.valueOf(e.getMessage()));
            return new Result.Waiting(Reason.FAILED.toString(), Duration.ZERO);
        }
    }

    private void point(ApiObject tag) throws ApiException, IOException {
        Optional<Reference> name = ImageObjects.tagName(tag);
        Target target = name.isEmpty()
                ? new Target.Refused(Reason.INVALID_SPEC, "repository and tag are no name")
                : target(tag, name.get());
        ObjectNode status = tag.status() instanceof ObjectNode before
                ? before.deepCopy()
                : ObjectCodec.json().createObjectNode();
        if (target instanceof Target.Found found && name.isPresent()) {
            move(tag, name.get(), found.image(), status);
        }
        status.put("observedGeneration", tag.generation());
        conditions(target)
                .forEach(condition -> Conditions.set(
                        status, condition, tag.generation(), schedule.clock().instant()));
        objects.report(kind(), tag, status);
        if (!status.equals(tag.status())) {
            name.ifPresent(room::nameChanged);
            room.garbage().suspect();
        }
        if (room.garbage().isDue()) {
            room.garbage().collect(null);
        }
    }

    private Target target(ApiObject tag, Reference name) {
        Optional<ApiObject> first = room.names().tag(name);
        if (first.isPresent() && !first.get().name().equals(tag.name())) {
            return new Target.Refused(
                    Reason.CONFLICT,
                    "Tag %s has the name %s already".formatted(first.get().name(), name.familiar()));
        }
        JsonNode wanted = tag.spec().path("target");
        Optional<Digest> pinned = Digest.parse(wanted.path("digest").asText());
        return pinned.isPresent()
                ? pinned(pinned.get())
                : followed(wanted.path("image").path("name").asText());
    }

    private Target pinned(Digest digest) {
        return images.find(digest)
                .<Target>map(Target.Found::new)
                .orElse(new Target.Missing(Reason.NOT_FOUND, "no image on this host has the digest " + digest));
    }

    private Target followed(String name) {
        Optional<ApiObject> image = objects.store().get(ImageObjects.imageKey(name));
        if (image.isEmpty()) {
            return new Target.Missing(Reason.NOT_FOUND, "Image " + name + " does not exist");
        }
        boolean ready = Conditions.isTrue(image.get().status(), "Ready")
                && image.get().status().path("observedGeneration").asLong()
                        == image.get().generation();
        Optional<LocalImage> present = ImageObjects.digest(image.get()).flatMap(images::find);
        return ready && present.isPresent()
                ? new Target.Found(present.get())
                : new Target.Missing(Reason.DEPENDENCY_NOT_READY, "Image " + name + " is not ready");
    }

    private void move(ApiObject tag, Reference name, LocalImage image, ObjectNode status) throws IOException {
        Optional<Digest> before = images.find(name).map(LocalImage::digest);
        if (!before.equals(Optional.of(image.digest()))) {
            images.name(name, image.digest());
            LOG.infof("tag moved name=%s digest=%s", name.familiar(), image.digest());
        }
        String told = status.path("digest").asText();
        if (!told.equals(image.digest().value())) {
            String from = told.isEmpty() ? "" : " from " + told;
            recorder.normal(
                    Involved.of(tag),
                    Reason.TAG_MOVED,
                    "%s moved%s to %s".formatted(name.familiar(), from, image.digest()));
        }
        int limit = tag.spec().path("historyLimit").asInt(HISTORY_LIMIT);
        TagMove.note(status, image.digest(), limit, schedule.clock().instant());
    }

    private static List<Condition> conditions(Target target) {
        return switch (target) {
            case Target.Found found -> ImageStatusRenderer.ready();
            case Target.Missing missing ->
                List.of(
                        Condition.no("Ready", missing.reason(), missing.message()),
                        Condition.yes("Reconciling", missing.reason(), missing.message()),
                        Condition.no("Stalled", Reason.PROGRESSING, ""));
            case Target.Refused refused ->
                List.of(
                        Condition.no("Ready", refused.reason(), refused.message()),
                        Condition.no("Reconciling", refused.reason(), ""),
                        Condition.yes("Stalled", refused.reason(), refused.message()));
        };
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
        room.garbage().collect(ImageObjects.tagKey(tag.name()));
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
