package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.CronSchedule;
import dev.slipway.desired.model.VolumeSnapshotSpec;
import dev.slipway.desired.reconcile.Involved;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The snapshots that the schedule of a Volume asks for: VolumeSnapshots of their own names, of which the last ones are
/// kept.
///
/// One at a time: while one could not be taken yet, the next waits for it.
///
/// When the next is due stands in the Volume's status, so that one which became due while no engine ran is taken at the
/// next start, and a schedule that is written anew does not reach back.
record ScheduledSnapshots(VolumeParts parts) {
    private static final WriteOptions ENGINE = WriteOptions.by("");
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmm").withZone(ZoneOffset.UTC);
    private static final int LONGEST_VOLUME_NAME = 239;
    private static final int KEEP = 7;

    /// What there is.
    ///
    /// @param next when one is due: in the past until it is taken
    /// @param last the youngest that can be used
    /// @param failing why the one that is to be taken now cannot be; empty if it may be
    record Summary(
            String schedule, Optional<Instant> next, Optional<String> last, int count, Optional<String> failing) {}

    /// Whether the schedule of this very Volume has taken it; for those that do not say of which, of one of this
    /// name.
    static boolean isOf(ApiObject snapshot, ApiObject volume) {
        String uid = snapshot.annotations().getOrDefault(VolumeSnapshotSpec.SCHEDULED_BY_UID, volume.uid());
        return volume.uid().equals(uid)
                && volume.name().equals(snapshot.annotations().get(VolumeSnapshotSpec.SCHEDULED_BY));
    }

    /// @param volume has a schedule
    Summary summary(ApiObject volume, Instant now) {
        List<ApiObject> taken = taken(volume);
        return new Summary(
                text(volume.spec().path("snapshots")),
                next(volume, now),
                taken.stream().findFirst().map(ApiObject::name),
                taken.size(),
                unfinished(volume).stream().flatMap(ScheduledSnapshots::failure).findFirst());
    }

    private static Stream<String> failure(ApiObject snapshot) {
        String message = snapshot.status().at("/error/message").asText();
        return message.isEmpty() ? Stream.empty() : Stream.of("snapshot %s: %s".formatted(snapshot.name(), message));
    }

    /// Asks for what is due, and removes what is too much.
    ///
    /// @return how long until there is something to do again; empty without a schedule, and while one is being
    ///     taken
    Optional<Duration> attend(ApiObject volume, Instant now) throws ApiException {
        if (!volume.spec().at("/snapshots/schedule").isTextual()) {
            return Optional.empty();
        }
        Optional<Instant> due = next(volume, now).filter(next -> !next.isAfter(now));
        List<ApiObject> unfinished = unfinished(volume);
        if (due.isPresent() && unfinished.isEmpty()) {
            take(volume, due.get());
        }
        int keep = volume.spec().at("/snapshots/keep").asInt(KEEP);
        remove(taken(volume).stream().skip(keep));
        remove(unfinished.stream().skip(1));
        return unfinished.isEmpty() ? next(volume, now).map(next -> Duration.between(now, next)) : Optional.empty();
    }

    private void remove(Stream<ApiObject> snapshots) throws ApiException {
        for (ApiObject snapshot : snapshots.toList()) {
            parts.objects().delete(kind(), SnapshotController.key(snapshot), Deletion.PLAIN);
        }
    }

    private void take(ApiObject volume, Instant due) throws ApiException {
        ObjectNode snapshot = ObjectCodec.json().createObjectNode();
        snapshot.put("apiVersion", "snapshot.storage.k8s.io/v1").put("kind", "VolumeSnapshot");
        ObjectNode metadata = snapshot.putObject("metadata");
        metadata.put("name", name(volume, due)).put("namespace", volume.namespace());
        metadata.putObject("annotations")
                .put(VolumeSnapshotSpec.SCHEDULED_BY, volume.name())
                .put(VolumeSnapshotSpec.SCHEDULED_BY_UID, volume.uid());
        snapshot.putObject("spec").putObject("source").put("persistentVolumeClaimName", volume.name());
        parts.objects().create(kind(), volume.namespace(), snapshot, ENGINE);
        parts.recorder()
                .normal(
                        Involved.of(volume),
                        Reason.SNAPSHOT_CREATED,
                        "its schedule asked for snapshot " + name(volume, due));
    }

    /// As the status has it, or anew when that one was taken, the schedule is another, or somebody has set the
    /// clock back so that others come before it.
    private Optional<Instant> next(ApiObject volume, Instant now) {
        JsonNode known = volume.status().path("snapshots");
        JsonNode wanted = volume.spec().path("snapshots");
        Optional<Instant> anew = CronSchedule.parse(wanted.path("schedule").asText())
                .flatMap(schedule -> schedule.next(ZonedDateTime.ofInstant(
                        now, zone(wanted.path("timeZone").asText()))))
                .map(ZonedDateTime::toInstant);
        if (known.path("schedule").asText().equals(text(wanted)) && known.has("next")) {
            Instant next = Instant.parse(known.path("next").asText());
            boolean isSetBack = anew.filter(next::isAfter).isPresent();
            if (!isSetBack && (next.isAfter(now) || !isAskedFor(volume, next))) {
                return Optional.of(next);
            }
        }
        return anew;
    }

    private boolean isAskedFor(ApiObject volume, Instant due) {
        return parts.objects()
                .store()
                .get(new ObjectKey(SnapshotController.SNAPSHOTS, volume.namespace(), name(volume, due)))
                .isPresent();
    }

    /// Those that can be used and stay, youngest first.
    private List<ApiObject> taken(ApiObject volume) {
        return own(volume).filter(SnapshotController::isReady).toList();
    }

    private List<ApiObject> unfinished(ApiObject volume) {
        return own(volume)
                .filter(snapshot -> !SnapshotController.isReady(snapshot))
                .toList();
    }

    private Stream<ApiObject> own(ApiObject volume) {
        return parts.objects().store().list(SnapshotController.SNAPSHOTS, volume.namespace()).items().stream()
                .filter(snapshot ->
                        isOf(snapshot, volume) && snapshot.deletionTimestamp().isEmpty())
                .sorted(Comparator.comparing(ApiObject::name).reversed());
    }

    /// In UTC, so that no hour comes twice; the youngest is the last by name.
    private static String name(ApiObject volume, Instant due) {
        String name = volume.name();
        return name.substring(0, Math.min(name.length(), LONGEST_VOLUME_NAME)) + "-" + MOMENT.format(due);
    }

    private static String text(JsonNode snapshots) {
        String zone = snapshots.path("timeZone").asText();
        return snapshots.path("schedule").asText() + (zone.isEmpty() ? "" : " " + zone);
    }

    private static ZoneId zone(String name) {
        try {
            return name.isEmpty() ? ZoneOffset.UTC : ZoneId.of(name);
        } catch (DateTimeException e) {
            return ZoneOffset.UTC;
        }
    }

    private Kind kind() {
        return parts.objects().kinds().find(SnapshotController.SNAPSHOTS).orElseThrow();
    }
}
