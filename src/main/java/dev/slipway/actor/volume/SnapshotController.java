package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.desired.model.VolumeSnapshotSpec;
import dev.slipway.desired.reconcile.Backoff;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Pause;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.engine.volume.TreeUsage;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/// Takes the snapshot that each VolumeSnapshot asks for, once, and removes it with its object. Thread-safe.
///
/// A copy that fails, for instance for lack of space, is tried again more and more seldom, whatever else changes: it
/// may take all that is free each time.
///
/// What it names as a claim is a Volume here, whether a claim made it or not: pods name Volumes in the same way. A
/// snapshot lives by itself: the Volume may change, and go.
public final class SnapshotController implements Controller {
    static final GroupResource SNAPSHOTS = new GroupResource("snapshot.storage.k8s.io", "volumesnapshots");

    private static final Logger LOG = Logger.getLogger(SnapshotController.class);
    private static final String FINALIZER = "snapshot.storage.kubernetes.io/volumesnapshot-bound-protection";

    /// Copies are made one after the other, so those that failed together need not be drawn apart.
    private static final Backoff BACKOFF = new Backoff(Duration.ofMinutes(1), Duration.ofHours(6), () -> 0);

    private final VolumeParts parts;
    private final Copies copies;
    /// Those that could not be copied, by uid.
    private final Map<String, Failures> failed = new ConcurrentHashMap<>();

    /// @param count in a row
    /// @param pause until it is tried again
    private record Failures(int count, Pause pause) {}

    public SnapshotController(VolumeParts parts) {
        this.parts = parts;
        this.copies = new Copies(parts);
    }

    static boolean isReady(ApiObject snapshot) {
        return snapshot.status().path("readyToUse").asBoolean();
    }

    /// Where its data are: by uid, so that no object finds those of another.
    static VolumeName data(ApiObject snapshot) {
        return new VolumeName(snapshot.uid());
    }

    static ObjectKey key(ApiObject snapshot) {
        return new ObjectKey(SNAPSHOTS, snapshot.namespace(), snapshot.name());
    }

    @Override
    public GroupResource resource() {
        return SNAPSHOTS;
    }

    /// A Volume concerns those that wait for it.
    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        if (!changed.kind().equals("Volume")) {
            return List.of();
        }
        return parts.objects().store().list(SNAPSHOTS, changed.namespace()).items().stream()
                .filter(snapshot -> !isReady(snapshot) && source(snapshot).equals(changed.name()))
                .map(SnapshotController::key)
                .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> found = parts.objects().store().get(key);
        if (found.isEmpty()) {
            return Result.SETTLED;
        }
        ApiObject snapshot = found.get();
        try {
            if (snapshot.deletionTimestamp().isPresent()) {
                return end(snapshot);
            }
            Instant now = parts.clock().instant();
            Failures before = failed.get(snapshot.uid());
            if (before != null && !before.pause().isOver(now)) {
                return new Result.Again(before.pause().left(now));
            }
            return isReady(snapshot) ? Result.SETTLED : take(snapshot);
        } catch (ApiException e) {
            LOG.warnf("snapshot not reported snapshot=%s: %s", key, e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        }
    }

    private Result take(ApiObject snapshot) throws ApiException {
        ApiObject volume;
        try {
            volume = volume(snapshot);
        } catch (NotYetException e) {
            report(snapshot, failed(snapshot, String.valueOf(e.getMessage())));
            return new Result.Waiting(Reason.PROGRESSING.toString(), Duration.ZERO);
        } catch (IOException e) {
            reportFailure(snapshot, String.valueOf(e.getMessage()));
            return new Result.Waiting(Reason.SNAPSHOT_CREATION_FAILED.toString(), Duration.ZERO);
        }
        return take(snapshot, volume);
    }

    private Result take(ApiObject snapshot, ApiObject volume) throws ApiException {
        Instant begin = parts.clock().instant();
        try {
            VolumeName data = data(snapshot);
            parts.snapshots().populate(data, Optional.empty(), copies.of(volume, moment -> note(data, moment)));
            String archive = snapshot.annotations().getOrDefault(VolumeSnapshotSpec.ARCHIVE, "");
            if (!archive.isEmpty()) {
                parts.snapshots().save(data, Path.of(archive));
            }
            TreeUsage usage = parts.snapshots().usage(data).orElseThrow();
            failed.remove(snapshot.uid());
            report(snapshot, taken(usage.bytes(), moment(data).orElse(begin)));
            LOG.infof(
                    "snapshot taken snapshot=%s/%s durationMs=%d",
                    snapshot.namespace(),
                    snapshot.name(),
                    Duration.between(begin, parts.clock().instant()).toMillis());
            return Result.SETTLED;
        } catch (IOException e) {
            reportFailure(snapshot, String.valueOf(e.getMessage()));
            return new Result.Again(pause(snapshot));
        }
    }

    private void reportFailure(ApiObject snapshot, String message) throws ApiException {
        if (!message.equals(snapshot.status().at("/error/message").asText())) {
            parts.recorder().warning(Involved.of(snapshot), Reason.SNAPSHOT_CREATION_FAILED, message);
        }
        report(snapshot, failed(snapshot, message));
    }

    private Duration pause(ApiObject snapshot) {
        Failures before = failed.get(snapshot.uid());
        int count = before == null ? 1 : before.count() + 1;
        Duration length = BACKOFF.after(count);
        failed.put(snapshot.uid(), new Failures(count, Pause.of(parts.clock().instant(), length)));
        return length;
    }

    /// With the data, because an engine may end between copying them and telling of them.
    private void note(VolumeName data, Instant moment) throws IOException {
        parts.snapshots().notes().write(data, moment.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private Optional<Instant> moment(VolumeName data) throws IOException {
        return parts.snapshots()
                .notes()
                .read(data)
                .map(note -> Instant.parse(new String(note, StandardCharsets.US_ASCII)));
    }

    private ApiObject volume(ApiObject snapshot) throws IOException {
        String name = source(snapshot);
        ApiObject volume = parts.objects()
                .store()
                .get(new ObjectKey(VolumeStorage.VOLUMES, snapshot.namespace(), name))
                .orElseThrow(() -> new IOException("volume \"%s\" not found".formatted(name)));
        VolumeStorage.requireManaged(volume);
        if (!Conditions.isTrue(volume.status(), "Ready")) {
            throw new NotYetException("volume \"%s\" is not ready".formatted(name));
        }
        return volume;
    }

    /// What is being copied from it is finished before.
    private Result end(ApiObject snapshot) throws ApiException {
        if (!snapshot.finalizers().contains(FINALIZER)) {
            return Result.SETTLED;
        }
        try {
            parts.snapshots().delete(data(snapshot));
            parts.snapshots().notes().remove(data(snapshot));
        } catch (IOException e) {
            parts.recorder()
                    .warning(Involved.of(snapshot), Reason.SNAPSHOT_DELETE_ERROR, String.valueOf(e.getMessage()));
            return new Result.Waiting(Reason.SNAPSHOT_DELETE_ERROR.toString(), Duration.ZERO);
        }
        failed.remove(snapshot.uid());
        LOG.infof("snapshot removed snapshot=%s/%s", snapshot.namespace(), snapshot.name());
        Finalizers.remove(parts.objects(), kind(), snapshot, FINALIZER);
        return Result.SETTLED;
    }

    private static ObjectNode taken(long bytes, Instant moment) {
        ObjectNode status = ObjectCodec.json().createObjectNode();
        return status.put("readyToUse", true)
                .put("creationTime", Timestamps.seconds(moment))
                .put("restoreSize", quantity(bytes));
    }

    private ObjectNode failed(ApiObject snapshot, String message) {
        ObjectNode status = ObjectCodec.json().createObjectNode().put("readyToUse", false);
        boolean isKnown = message.equals(snapshot.status().at("/error/message").asText());
        String since = isKnown
                ? snapshot.status().at("/error/time").asText()
                : Timestamps.seconds(parts.clock().instant());
        status.putObject("error").put("message", message).put("time", since);
        return status;
    }

    /// In the largest unit that it is a whole number of.
    private static String quantity(long bytes) {
        long left = bytes;
        String unit = "";
        for (String next : List.of("Ki", "Mi", "Gi")) {
            if (left == 0 || left % 1024 != 0) {
                break;
            }
            left /= 1024;
            unit = next;
        }
        return left + unit;
    }

    private static String source(ApiObject snapshot) {
        return snapshot.spec().at("/source/persistentVolumeClaimName").asText();
    }

    private void report(ApiObject snapshot, ObjectNode status) throws ApiException {
        parts.objects().report(kind(), snapshot, status);
    }

    private Kind kind() {
        return parts.objects().kinds().find(SNAPSHOTS).orElseThrow();
    }
}
