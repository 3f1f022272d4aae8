package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.image.ImageErrands.Doing;
import dev.slipway.actor.image.ImageErrands.End;
import dev.slipway.actor.image.ImageErrands.Errand;
import dev.slipway.actor.image.ImageErrands.Purpose;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.ImageSpec;
import dev.slipway.desired.model.ImageStatus;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.GatheredTouches;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.build.BuildProgress;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.snapshot.LayerFacts;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Makes Images present and shows how they are.
///
/// ```
/// round -> view -> action -> errand starts ........ ends -> round -> Show
///                                 |== pull or build ==|
/// ```
///
/// A round never waits for an errand. Thread-safe.
final class ImageController implements Controller {
    private static final Logger LOG = Logger.getLogger(ImageController.class);

    /// A pod is written several times while it starts, and many may start at once: who uses an image is shown a
    /// moment later, so that it keeps nobody from starting.
    private static final Duration USE_SHOWN_AFTER = Duration.ofMillis(100);

    private final ObjectApi objects;
    private final Images images;
    private final EventRecorder recorder;
    private final Schedule schedule;
    private final ImageRoom room;
    private final ImageRelations relations;
    private final GatheredTouches uses;

    ImageController(ImageActor.Parts parts, ImageRoom room) {
        this.objects = parts.objects();
        this.images = parts.images();
        this.recorder = parts.events();
        this.schedule = parts.schedule();
        this.room = room;
        this.relations = new ImageRelations(objects.store(), images, room.sources());
        this.uses = new GatheredTouches(USE_SHOWN_AFTER, schedule.delays(), room.touched());
    }

    @Override
    public GroupResource resource() {
        return ImageObjects.IMAGES;
    }

    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        List<ObjectKey> concerned = relations.concerned(changed);
        if (!changed.kind().equals("Pod")) {
            return concerned;
        }
        concerned.forEach(uses::touch);
        return List.of();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> found = objects.store().get(key);
        if (found.isEmpty()) {
            room.errands().forget(key);
            room.collector().due(key.name()).ifPresent(room.collector()::spared);
            if (room.garbage().isDue()) {
                room.garbage().collect(Set.of());
            }
            return Result.SETTLED;
        }
        ApiObject object = found.get();
        Instant now = schedule.clock().instant();
        ImageView view = view(object);
        ImageAction action = ImageActions.compute(view, now);
        if (view.keep().due() != null && !(action instanceof ImageAction.Collect)) {
            room.collector().spared(view.keep().due());
        }
        try {
            Result result = perform(view, action, now);
            if (room.garbage().isDue()) {
                room.garbage().collect(Set.of());
            }
            return result;
        } catch (ApiException e) {
            LOG.warnf("image not reported image=%s: %s", key.name(), e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        } catch (IOException e) {
            LOG.warnf("image not named image=%s: %s", key.name(), e.getMessage());
            return new Result.Waiting(Reason.INTERNAL_ERROR.toString(), Duration.ZERO);
        }
    }

    private ImageView view(ApiObject object) {
        ObjectKey key = ImageObjects.imageKey(object.name());
        LocalImage byDigest = ImageObjects.digest(object).flatMap(images::find).orElse(null);
        Errand errand = room.errands().find(key).filter(this::isThere).orElse(null);
        return new ImageView(
                object,
                room.sources().of(object),
                errand,
                byDigest,
                byDigest == null ? Set.of() : room.users().get().of(byDigest.digest()),
                byDigest != null && room.garbage().isClaimed(byDigest, key),
                room.keep(object));
    }

    private boolean isThere(Errand errand) {
        return !(errand instanceof Errand.Done done)
                || images.find(done.image().digest()).isPresent();
    }

    private Result perform(ImageView view, ImageAction action, Instant now) throws ApiException, IOException {
        switch (action) {
            case ImageAction.Pull pull -> startPull(view, pull);
            case ImageAction.Build build -> {
                wakeBases(view.object());
                startBuild(view, build);
            }
            case ImageAction.Take take ->
                start(view, take.purpose(), () -> room.work().take(view.object()));
            case ImageAction.Release release -> {
                release(view);
                return Result.SETTLED;
            }
            case ImageAction.Retire retire -> {
                objects.delete(
                        kind(),
                        ImageObjects.imageKey(view.object().name()),
                        Deletion.PLAIN.of(view.object().uid()));
                return Result.SETTLED;
            }
            case ImageAction.Collect collect -> {
                return collect(view, collect, now);
            }
            case ImageAction.AwaitBase base -> wakeBases(view.object());
            case ImageAction.Show show -> nameIt(view.object(), show.image());
            case ImageAction.InUse use -> tellInUse(view.object(), use);
            case ImageAction.Await _, ImageAction.BackOff _, ImageAction.Rest _ -> {}
            case ImageAction.AwaitPods _, ImageAction.Refuse _ -> {}
        }
        if (!isSilent(view, action)) {
            report(view, action, now);
        }
        if (action instanceof ImageAction.AwaitBase) {
            // It may be a file of the host, which no event tells of.
            return new Result.Waiting(Reason.DEPENDENCY_NOT_READY.toString(), Duration.ZERO);
        }
        return action instanceof ImageAction.BackOff backOff
                ? new Result.Again(Duration.between(now, backOff.until()).plusMillis(1))
                : Result.SETTLED;
    }

    /// While it is only looked at whether a built image is still what its steps say, nothing is told.
    private static boolean isSilent(ImageView view, ImageAction action) {
        boolean quiet = action instanceof ImageAction.Build
                || action instanceof ImageAction.Await await && await.doing() == null;
        return quiet && view.source() instanceof ImageView.Source.Built && view.isFulfilled();
    }

    private void report(ImageView view, ImageAction action, Instant now) throws ApiException {
        ApiObject object = view.object();
        LocalImage shown = action instanceof ImageAction.Show show ? show.image() : view.byDigest();
        ImageStatus.UsedBy usedBy = shown == null ? null : usedBy(shown);
        ImageStatus.Progress progress = progress(object, action);
        List<LayerFacts> facts = action instanceof ImageAction.Show show ? facts(object, show.image()) : List.of();
        Map<DiffId, List<String>> shared =
                action instanceof ImageAction.Show show ? relations.shared(object, show.image()) : Map.of();
        ObjectNode status = ImageStatusRenderer.render(
                object,
                new ImageStatusRenderer.Report(
                        action,
                        usedBy,
                        progress,
                        facts,
                        shared,
                        view.keep().isNeeded(),
                        ImageObjects.ownName(object).flatMap(images::verdict).orElse(null)),
                now);
        tellUnverified(object, status);
        objects.report(kind(), object, status);
        if (!view.isObserved()) {
            room.garbage().suspect();
        }
        boolean isAnother = !Objects.equals(object.status().path("digest"), status.path("digest"));
        if (isAnother || action instanceof ImageAction.Show && !isShown(object)) {
            moved(object);
        } else if (view.source() instanceof ImageView.Source.Built && !status.equals(object.status())) {
            ImageObjects.ownName(object).ifPresent(room::nameChanged);
        }
    }

    /// Whether the status says that the image is there, and that nothing is being done about it.
    private static boolean isShown(ApiObject object) {
        return Conditions.isTrue(object.status(), "Ready") && !Conditions.isTrue(object.status(), "Reconciling");
    }

    private ImageStatus.@Nullable Progress progress(ApiObject object, ImageAction action) {
        if (action instanceof ImageAction.Await await && await.doing() != null) {
            Doing doing = await.doing();
            return new ImageStatus.Progress(doing.words(), doing.step() - 1, doing.steps(), null, null, null);
        }
        return action instanceof ImageAction.Show
                ? null
                : ImageObjects.ownName(object)
                        .flatMap(room.meters()::find)
                        .map(PullMeter::progress)
                        .orElse(null);
    }

    /// Looked up once for an image, because that looks at each of its files; after that the status knows.
    private List<LayerFacts> facts(ApiObject object, LocalImage image) {
        List<LayerFacts> known = ImageStatusRenderer.facts(object.status(), image);
        try {
            return known.isEmpty() ? images.survey(image) : known;
        } catch (IOException e) {
            LOG.warnf("layers of image not looked at image=%s reason=%s", object.name(), e.getMessage());
            return List.of();
        }
    }

    private ImageStatus.UsedBy usedBy(LocalImage image) {
        int tags = (int) objects.store().list(ImageObjects.TAGS, "").items().stream()
                .filter(tag ->
                        ImageObjects.digest(tag).filter(image.digest()::equals).isPresent())
                .count();
        return new ImageStatus.UsedBy(room.users().get().pods(image.digest()), tags);
    }

    /// Who waits for what the object has, or is built on it, looks again.
    private void moved(ApiObject object) {
        room.garbage().suspect();
        ImageObjects.ownName(object).ifPresent(room::nameChanged);
        relations.relatives(object).forEach(room.touched());
    }

    /// An image that lost its name, for instance to a Tag that is gone, gets it back.
    private void nameIt(ApiObject object, LocalImage image) throws IOException {
        Optional<Reference> name =
                ImageObjects.ownName(object).filter(own -> own.pin().isEmpty());
        if (name.isPresent()
                && images.find(name.get()).isEmpty()
                && room.names().tag(name.get()).isEmpty()) {
            images.name(name.get(), image.digest());
            room.nameChanged(name.get());
        }
    }

    private void startPull(ImageView view, ImageAction.Pull action) {
        ImageSpec.Pull pull =
                Objects.requireNonNull(ImageObjects.source(view.object()).pull());
        recorder.normal(
                Involved.of(view.object()),
                Reason.PULLING,
                "Pulling image \"%s\"".formatted(action.reference().familiar()));
        start(view, action.purpose(), () -> room.work().pull(pull, action.reference()));
    }

    private void startBuild(ImageView view, ImageAction.Build action) {
        ObjectKey key = ImageObjects.imageKey(view.object().name());
        BuildProgress progress = (step, steps, words) -> {
            if (room.errands().progress(key, action.purpose(), new Doing(step, steps, words))) {
                room.touched().accept(key);
            }
        };
        start(view, action.purpose(), () -> room.work().build(view.object(), action.recipe(), progress));
    }

    private void start(ImageView view, Purpose purpose, Supplier<End> work) {
        room.errands().start(ImageObjects.imageKey(view.object().name()), purpose, work, (end, failures) -> room.work()
                .noted(view, purpose, end, failures));
    }

    /// Told once for each reason, whether the policy of the registry refuses the image or only warns.
    private void tellUnverified(ApiObject object, JsonNode status) {
        Optional<Condition> told = Conditions.find(object.status(), ImageStatusRenderer.VERIFIED);
        Conditions.find(status, ImageStatusRenderer.VERIFIED)
                .filter(verified -> verified.status() == Condition.Status.FALSE)
                .filter(verified -> told.filter(before -> before.message().equals(verified.message()))
                        .isEmpty())
                .ifPresent(verified -> recorder.warning(
                        Involved.of(object),
                        Reason.SIGNATURE_VALIDATION_FAILED,
                        "Image has no good signature: " + verified.message()));
    }

    private void tellInUse(ApiObject object, ImageAction.InUse use) {
        boolean told = Conditions.find(object.status(), "Reconciling")
                .filter(condition -> condition.reason().equals(Reason.IMAGE_IN_USE.toString()))
                .isPresent();
        if (!told) {
            recorder.warning(Involved.of(object), Reason.IMAGE_IN_USE, ImageStatusRenderer.inUse(use));
        }
    }

    /// An Image that shows what pods have pulled goes as a whole; a declared one says that its content has gone,
    /// and that can be told before it does: whoever is killed in between finds content that nobody claims.
    private Result collect(ImageView view, ImageAction.Collect action, Instant now) throws ApiException {
        ApiObject object = view.object();
        ObjectKey key = ImageObjects.imageKey(object.name());
        boolean isImplicit = ImageObjects.isImplicit(object);
        if (!isImplicit) {
            report(view, action, now);
            room.errands().forget(key);
            room.work().releaseBuilds(object);
        }
        ImageGarbage.Look look = room.garbage().collect(isImplicit ? Set.of(key) : Set.of());
        Optional<LocalImage> left =
                Optional.ofNullable(view.byDigest()).map(LocalImage::digest).flatMap(images::find);
        Optional<String> failure = left.flatMap(look::failure);
        if (failure.isPresent()) {
            recorder.warning(Involved.of(object), Reason.IMAGE_GC_FAILED, "Failed to remove image: " + failure.get());
            return spare(object, action);
        }
        if (isImplicit) {
            boolean isUsed = left.isPresent() && room.users().get().isUsed(left.get());
            if (isUsed || look instanceof ImageGarbage.Look.Later) {
                return spare(object, action);
            }
            objects.delete(kind(), key, Deletion.PLAIN.of(object.uid()));
        }
        String words = action.removal().words();
        LOG.infof(
                "image collected image=%s digest=%s reason=%s: %s",
                object.name(),
                object.status().path("digest").asText(),
                action.removal().cause().word(),
                words);
        recorder.normal(Involved.of(object), Reason.COLLECTED, "Removed image: " + words);
        room.collector().removed(action.removal());
        return Result.SETTLED;
    }

    private Result spare(ApiObject object, ImageAction.Collect action) {
        ImageObjects.ownName(object).ifPresent(room::nameChanged);
        room.collector().spared(action.removal());
        return Result.SETTLED;
    }

    private void wakeBases(ApiObject object) {
        relations.absentBases(object).forEach(room.touched());
    }

    /// Takes the name away that is the object's own, frees the content if nobody else needs it, and lets the object
    /// go.
    private void release(ImageView view) throws ApiException, IOException {
        ApiObject object = view.object();
        ObjectKey key = ImageObjects.imageKey(object.name());
        room.errands().forget(key);
        Optional<Reference> name =
                ImageObjects.ownName(object).filter(own -> own.pin().isEmpty());
        if (name.isPresent() && !room.names().isTakenByAnother(name.get(), object)) {
            images.unname(name.get());
        }
        room.work().forgetBuilds(object);
        room.garbage().collect(Set.of(key));
        ImageRoom.release(objects, kind(), object);
        moved(object);
    }

    private Kind kind() {
        return objects.kinds().find(ImageObjects.IMAGES).orElseThrow();
    }
}
