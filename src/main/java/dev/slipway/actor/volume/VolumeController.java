package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.engine.volume.HostPath;
import dev.slipway.engine.volume.HostPaths;
import dev.slipway.engine.volume.ManagedVolumes;
import dev.slipway.engine.volume.Ownership;
import dev.slipway.engine.volume.VolumeName;
import dev.slipway.engine.volume.VolumeUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Makes the data of each Volume be there, tells who uses them, and lets a Volume go when nobody does. Thread-safe.
///
/// ```
/// Managed    a directory of Slipway's; an object of the same name finds what an earlier one retained
/// HostPath   a path of the host's; its data are never removed, whatever the reclaim policy
/// ```
public final class VolumeController implements Controller {
    private static final Logger LOG = Logger.getLogger(VolumeController.class);
    private static final GroupResource VOLUMES = new GroupResource(OwnGroup.GROUP, "volumes");
    private static final GroupResource PODS = GroupResource.core("pods");
    private static final String FINALIZER = OwnGroup.GROUP + "/volume";
    private static final WriteOptions ENGINE = WriteOptions.by("");
    private static final int OCTAL = 8;

    private final ObjectApi objects;
    private final ManagedVolumes managed;
    private final EventRecorder recorder;
    private final InstantSource clock;
    private final Measurements measurements = new Measurements();

    /// @param managed open
    public VolumeController(ObjectApi objects, ManagedVolumes managed, EventRecorder recorder, InstantSource clock) {
        this.objects = objects;
        this.managed = managed;
        this.recorder = recorder;
        this.clock = clock;
    }

    @Override
    public GroupResource resource() {
        return VOLUMES;
    }

    /// A pod concerns the Volumes that it claims, and those that were made for its images.
    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        if (!changed.kind().equals("Pod")) {
            return List.of();
        }
        List<ObjectKey> keys = new ArrayList<>();
        VolumeUsers.claims(changed).forEach(name -> keys.add(new ObjectKey(VOLUMES, changed.namespace(), name)));
        for (ApiObject volume :
                objects.store().list(VOLUMES, changed.namespace()).items()) {
            VolumeUsers.origin(volume)
                    .filter(origin -> origin.name().equals(changed.name()))
                    .ifPresent(origin -> keys.add(key(volume)));
        }
        return keys;
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> found = objects.store().get(key);
        if (found.isEmpty()) {
            measurements.forget(key);
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
        ObjectKey key = key(volume);
        List<VolumeUsers.Mount> mounts = mounts(volume);
        Path path;
        try {
            path = ensure(volume);
        } catch (IOException e) {
            String fault = String.valueOf(e.getMessage());
            tellOnce(volume, Reason.FAILED, fault);
            report(new VolumeView(volume, Optional.empty(), measurements.bytes(key), mounts, fault));
            return new Result.Waiting(Reason.FAILED.toString(), Duration.ZERO);
        }
        VolumeView view = new VolumeView(volume, Optional.of(path), measurements.bytes(key), mounts, "");
        report(view);
        return isManaged(volume) ? measure(view) : Result.SETTLED;
    }

    /// Who waits for the Volume does not wait for this.
    private Result measure(VolumeView view) throws ApiException {
        ObjectKey key = key(view.volume());
        if (measurements.isDue(key, view.mounts(), clock.instant())) {
            Instant begin = clock.instant();
            try {
                Optional<VolumeUsage> usage = managed.usage(name(view.volume()));
                Duration took = Duration.between(begin, clock.instant());
                measurements.add(
                        key, view.mounts(), usage.map(VolumeUsage::bytes).orElse(0L), took, clock.instant());
            } catch (IOException e) {
                // A file may go while it is looked at; the next time will do.
                LOG.debugf("volume not measured volume=%s: %s", key, e.getMessage());
            }
            ApiObject now = objects.store().get(key).orElse(view.volume());
            report(new VolumeView(now, view.path(), measurements.bytes(key), view.mounts(), ""));
        }
        return measurements
                .pause(key, clock.instant())
                .<Result>map(Result.Again::new)
                .orElse(Result.SETTLED);
    }

    private Path ensure(ApiObject volume) throws IOException {
        if (isManaged(volume)) {
            return managed.ensure(name(volume), ownership(volume.spec().path("ownership")));
        }
        JsonNode host = volume.spec().path("hostPath");
        HostPath path = new HostPath(
                Path.of(host.path("path").asText()),
                HostPath.Type.of(host.path("type").asText()));
        HostPaths.ensure(path);
        return path.path();
    }

    /// Waits for the users, then does with the data what the reclaim policy says.
    private Result end(ApiObject volume) throws ApiException {
        if (!volume.finalizers().contains(FINALIZER)) {
            return Result.SETTLED;
        }
        VolumeView view = new VolumeView(volume, path(volume), measurements.bytes(key(volume)), mounts(volume), "");
        if (view.isInUse()) {
            tellOnce(volume, Reason.VOLUME_IN_USE, "goes when no pod uses it: " + view.users());
            report(view);
            return Result.SETTLED;
        }
        boolean isRemoved = isManaged(volume)
                && volume.spec().path("reclaimPolicy").asText().equals("Delete");
        if (isRemoved) {
            try {
                managed.delete(name(volume));
                LOG.infof("volume removed volume=%s/%s", volume.namespace(), volume.name());
            } catch (IOException e) {
                tellOnce(volume, Reason.FAILED_DELETE, String.valueOf(e.getMessage()));
                return new Result.Waiting(Reason.FAILED_DELETE.toString(), Duration.ZERO);
            }
        }
        return release(volume);
    }

    private Result release(ApiObject volume) throws ApiException {
        ObjectNode changes = ObjectCodec.json().createObjectNode();
        ObjectNode metadata = changes.putObject("metadata").put("resourceVersion", "" + volume.resourceVersion());
        ArrayNode kept = metadata.putArray("finalizers");
        volume.finalizers().stream().filter(each -> !each.equals(FINALIZER)).forEach(kept::add);
        objects.patch(kind(), key(volume), new Patch.Merge(changes), ENGINE);
        return Result.SETTLED;
    }

    private void report(VolumeView view) throws ApiException {
        objects.report(kind(), view.volume(), VolumeStatusRenderer.render(view, clock.instant()));
    }

    /// An event for what the status does not tell yet.
    private void tellOnce(ApiObject volume, Reason reason, String message) {
        boolean isKnown = List.of("Ready", "Reconciling").stream()
                .flatMap(type -> Conditions.find(volume.status(), type).stream())
                .map(Condition::message)
                .anyMatch(message::equals);
        if (!isKnown) {
            recorder.warning(Involved.of(volume), reason, message);
        }
    }

    private List<VolumeUsers.Mount> mounts(ApiObject volume) {
        return VolumeUsers.mounts(
                volume, objects.store().list(PODS, volume.namespace()).items());
    }

    private Optional<Path> path(ApiObject volume) {
        return isManaged(volume)
                ? managed.find(name(volume))
                : Optional.of(Path.of(volume.spec().at("/hostPath/path").asText()));
    }

    private static boolean isManaged(ApiObject volume) {
        return !volume.spec().path("type").asText().equals("HostPath");
    }

    private static Ownership ownership(JsonNode spec) {
        return new Ownership(
                spec.path("uid").asInt(Ownership.ROOT.uid()),
                spec.path("gid").asInt(Ownership.ROOT.gid()),
                spec.has("mode") ? Integer.parseInt(spec.path("mode").asText(), OCTAL) : Ownership.ROOT.mode());
    }

    private static VolumeName name(ApiObject volume) {
        return VolumeName.of(volume.namespace(), volume.name());
    }

    private static ObjectKey key(ApiObject volume) {
        return new ObjectKey(VOLUMES, volume.namespace(), volume.name());
    }

    private Kind kind() {
        return objects.kinds().find(VOLUMES).orElseThrow();
    }
}
