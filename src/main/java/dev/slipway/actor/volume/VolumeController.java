package dev.slipway.actor.volume;

import dev.slipway.actor.space.AnonymousVolumes;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.PodClaims;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.engine.volume.Enforcement;
import dev.slipway.engine.volume.TreeUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Makes the data of each Volume be there, tells who uses them, takes its snapshots in time, and lets a Volume go when
/// nobody uses it. Thread-safe.
public final class VolumeController implements Controller {
    private static final Logger LOG = Logger.getLogger(VolumeController.class);
    private static final GroupResource PODS = GroupResource.core("pods");
    private static final GroupResource CLAIMS = GroupResource.core("persistentvolumeclaims");
    private static final String FINALIZER = OwnGroup.GROUP + "/volume";

    private final VolumeParts parts;
    private final ObjectApi objects;
    private final VolumeStorage storage;
    private final ScheduledSnapshots scheduled;
    private final Measurements measurements = new Measurements();
    private final WalkLane lane = new WalkLane();

    public VolumeController(VolumeParts parts) {
        this.parts = parts;
        this.objects = parts.objects();
        this.storage = new VolumeStorage(parts);
        this.scheduled = new ScheduledSnapshots(parts);
    }

    @Override
    public GroupResource resource() {
        return VolumeStorage.VOLUMES;
    }

    /// A pod concerns the Volumes that it claims, and those that were made for its images; a snapshot those that
    /// are to be made from it, and the one whose schedule has taken it.
    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        return switch (changed.kind()) {
            case "Pod" -> ofPod(changed);
            case "VolumeSnapshot" ->
                volumes(changed.namespace())
                        .filter(volume -> ScheduledSnapshots.isOf(changed, volume)
                                || volume.spec()
                                        .at("/populate/fromSnapshot/name")
                                        .asText()
                                        .equals(changed.name()))
                        .map(VolumeStorage::key)
                        .toList();
            case "Container" ->
                volumes(changed.namespace())
                        .filter(volume -> AnonymousVolumes.names(changed, volume.name()))
                        .map(VolumeStorage::key)
                        .toList();
            case "PersistentVolumeClaim" ->
                List.of(new ObjectKey(VolumeStorage.VOLUMES, changed.namespace(), changed.name()));
            default -> List.of();
        };
    }

    private List<ObjectKey> ofPod(ApiObject pod) {
        Stream<ObjectKey> claimed =
                PodClaims.all(pod).stream().map(name -> new ObjectKey(VolumeStorage.VOLUMES, pod.namespace(), name));
        Stream<ObjectKey> made = volumes(pod.namespace())
                .filter(volume -> VolumeUsers.origin(volume)
                        .filter(origin -> origin.name().equals(pod.name()))
                        .isPresent())
                .map(VolumeStorage::key);
        return Stream.concat(claimed, made).toList();
    }

    private Stream<ApiObject> volumes(String namespace) {
        return objects.store().list(VolumeStorage.VOLUMES, namespace).items().stream();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> found = objects.store().get(key);
        if (found.isEmpty()) {
            measurements.forget(key);
            lane.forget(key);
            return Result.SETTLED;
        }
        try {
            return found.get().deletionTimestamp().isPresent() ? end(found.get()) : keep(found.get());
        } catch (ApiException e) {
            LOG.warnf("volume not reported volume=%s: %s", key, e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        }
    }

    private Result keep(ApiObject volume) throws ApiException {
        List<VolumeUsers.Mount> mounts = mounts(volume);
        if (isLeft(volume, mounts)) {
            objects.delete(kind(), VolumeStorage.key(volume), Deletion.PLAIN.of(volume.uid()));
            return Result.SETTLED;
        }
        VolumeView view;
        try {
            Path path = storage.ensure(volume);
            Standing there = new Standing(
                    Optional.of(path), storage.provenance(volume), storage.limit(volume), Optional.empty());
            view = view(volume, there, mounts);
        } catch (NotYetException e) {
            return lacks(volume, mounts, Reason.PROGRESSING, String.valueOf(e.getMessage()));
        } catch (KeptDataException e) {
            return lacks(volume, mounts, Reason.CONFLICT, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return lacks(volume, mounts, Reason.FAILED, String.valueOf(e.getMessage()));
        }
        report(view);
        return VolumeStorage.isKeptHere(volume) ? attend(view) : Result.SETTLED;
    }

    private Result lacks(ApiObject volume, List<VolumeUsers.Mount> mounts, Reason reason, String message)
            throws ApiException {
        VolumeView.Fault fault = new VolumeView.Fault(reason, message);
        if (reason != Reason.PROGRESSING) {
            tellOnce(volume, reason, message);
        }
        report(view(volume, Standing.lacking(fault), mounts));
        return fault.isFinal()
                ? new Result.Stalled(reason.toString(), message)
                : new Result.Waiting(reason.toString(), Duration.ZERO);
    }

    /// How it is with the data.
    private record Standing(
            Optional<Path> path,
            Optional<Provenance> provenance,
            Optional<Enforcement> enforcement,
            Optional<VolumeView.Fault> fault) {
        static Standing of(VolumeView view) {
            return new Standing(view.path(), view.provenance(), view.enforcement(), view.fault());
        }

        static Standing lacking(VolumeView.Fault fault) {
            return new Standing(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(fault));
        }
    }

    /// Whether its last user has gone, and it with them. A Container uses what it names also while it has no pod,
    /// and an owner keeps what was made for it.
    private boolean isLeft(ApiObject volume, List<VolumeUsers.Mount> mounts) {
        return AnonymousVolumes.goesWhenUnused(volume)
                && mounts.isEmpty()
                && AnonymousVolumes.wasUsed(volume)
                && AnonymousVolumes.isUnused(volume, objects.store());
    }

    /// What comes again. Who waits for the Volume does not wait for this.
    private Result attend(VolumeView view) throws ApiException {
        ObjectKey key = VolumeStorage.key(view.volume());
        Optional<Duration> snapshot =
                scheduled.attend(view.volume(), parts.clock().instant());
        Optional<Duration> wait = measureIfDue(view, key);
        ApiObject latest = objects.store().get(key).orElse(view.volume());
        report(view(latest, Standing.of(view), view.mounts()));
        Optional<Duration> pause =
                wait.isPresent() ? wait : measurements.pause(key, parts.steady().instant());
        return Stream.of(snapshot, pause)
                .flatMap(Optional::stream)
                .min(Duration::compareTo)
                .<Result>map(Result.Again::new)
                .orElse(Result.SETTLED);
    }

    /// @return how long to wait, because others are being walked through; empty if it was measured, or need not be
    private Optional<Duration> measureIfDue(VolumeView view, ObjectKey key) {
        if (!measurements.isDue(key, view.mounts(), parts.steady().instant())) {
            lane.forget(key);
            return Optional.empty();
        }
        if (parts.volumes().isCounted(VolumeStorage.name(view.volume()))) {
            measure(view, key);
            return Optional.empty();
        }
        Optional<Duration> wait = lane.enter(key, parts.steady().instant());
        if (wait.isEmpty()) {
            try {
                measure(view, key);
            } finally {
                lane.leave(parts.steady().instant());
            }
        }
        return wait;
    }

    private void measure(VolumeView view, ObjectKey key) {
        Instant begin = parts.steady().instant();
        try {
            TreeUsage usage =
                    parts.volumes().usage(VolumeStorage.name(view.volume())).orElse(TreeUsage.NOTHING);
            Instant end = parts.steady().instant();
            Duration pause = parts.volumes().isCounted(VolumeStorage.name(view.volume()))
                    ? Measurements.AFTER_COUNT
                    : measurements.afterWalk(
                            key, Duration.between(begin, end), usage, VolumeStorage.capacity(view.volume()));
            measurements.add(key, view.mounts(), usage, end, pause);
        } catch (IOException e) {
            // A file may go while it is looked at; the next time will do.
            measurements.addFailure(key, view.mounts(), parts.steady().instant());
            LOG.debugf("volume not measured volume=%s: %s", key, e.getMessage());
        }
    }

    /// Waits for the users, then does with the data what the reclaim policy says.
    private Result end(ApiObject volume) throws ApiException {
        if (!volume.finalizers().contains(FINALIZER)) {
            return Result.SETTLED;
        }
        try {
            Standing standing =
                    new Standing(storage.find(volume), storage.provenance(volume), Optional.empty(), Optional.empty());
            VolumeView view = view(volume, standing, mounts(volume));
            if (view.isInUse()) {
                tellOnce(volume, Reason.VOLUME_IN_USE, view.hold());
                report(view);
                return Result.SETTLED;
            }
            storage.end(volume);
        } catch (IOException e) {
            tellOnce(volume, Reason.FAILED_DELETE, String.valueOf(e.getMessage()));
            return new Result.Waiting(Reason.FAILED_DELETE.toString(), Duration.ZERO);
        }
        LOG.infof("volume let go volume=%s/%s", volume.namespace(), volume.name());
        parts.images().forget(volume.uid());
        Finalizers.remove(objects, kind(), volume, FINALIZER);
        return Result.SETTLED;
    }

    private VolumeView view(ApiObject volume, Standing standing, List<VolumeUsers.Mount> mounts) {
        boolean isClaimed = objects.store()
                .get(new ObjectKey(CLAIMS, volume.namespace(), volume.name()))
                .isPresent();
        return new VolumeView(
                volume,
                standing.path(),
                measurements.usage(VolumeStorage.key(volume)),
                mounts,
                isClaimed,
                AnonymousVolumes.isLeft(volume, objects.store()),
                snapshots(volume),
                standing.provenance(),
                standing.enforcement(),
                standing.fault());
    }

    private Optional<ScheduledSnapshots.Summary> snapshots(ApiObject volume) {
        return volume.spec().at("/snapshots/schedule").isTextual()
                ? Optional.of(scheduled.summary(volume, parts.clock().instant()))
                : Optional.empty();
    }

    private void report(VolumeView view) throws ApiException {
        objects.report(
                kind(),
                view.volume(),
                VolumeStatusRenderer.render(view, parts.clock().instant()));
    }

    /// An event for what the status does not tell yet.
    private void tellOnce(ApiObject volume, Reason reason, String message) {
        boolean isKnown = Stream.of("Ready", "Reconciling")
                .flatMap(type -> Conditions.find(volume.status(), type).stream())
                .map(Condition::message)
                .anyMatch(message::equals);
        if (!isKnown) {
            parts.recorder().warning(Involved.of(volume), reason, message);
        }
    }

    private List<VolumeUsers.Mount> mounts(ApiObject volume) {
        return VolumeUsers.mounts(
                volume, objects.store().list(PODS, volume.namespace()).items());
    }

    private Kind kind() {
        return objects.kinds().find(VolumeStorage.VOLUMES).orElseThrow();
    }
}
