package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.space.AnonymousVolumes;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.Timestamps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Says in the status of a Volume where the data are and who uses them. Pure.
final class VolumeStatusRenderer {
    private static final double NEARLY_FULL = 0.9;
    private static final String ORPHANED = "Orphaned";
    private static final List<String> OF_CAPACITY = List.of("CapacityEnforced", "NearlyFull");

    private VolumeStatusRenderer() {}

    /// The whole status; conditions that say the same as before keep their times.
    static ObjectNode render(VolumeView view, Instant now) {
        ApiObject volume = view.volume();
        ObjectNode status = ObjectCodec.json().createObjectNode();
        status.put("observedGeneration", volume.generation());
        if (volume.status().path("conditions") instanceof ArrayNode before) {
            status.set("conditions", before.deepCopy());
        }
        if (VolumeStorage.capacity(volume).isEmpty()) {
            OF_CAPACITY.forEach(type -> Conditions.remove(status, type));
        }
        if (!AnonymousVolumes.is(volume)) {
            Conditions.remove(status, ORPHANED);
        }
        conditions(view).forEach(condition -> Conditions.set(status, condition, volume.generation(), now));
        view.path().ifPresent(path -> status.put("path", path.toString()));
        view.usage().ifPresent(usage -> status.put("bytesUsed", usage.bytes()).put("inodesUsed", usage.files()));
        VolumeUsers.origin(volume).ifPresent(origin -> status.putObject("origin")
                .put("kind", origin.kind())
                .put("name", origin.name())
                .put("imagePath", origin.path()));
        if (view.isClaimed()) {
            status.putObject("claimRef").put("name", volume.name());
        }
        view.snapshots().ifPresent(snapshots -> add(status.putObject("snapshots"), snapshots));
        if (!view.isInUse() && AnonymousVolumes.goesWhenUnused(volume) && AnonymousVolumes.wasUsed(volume)) {
            status.put("unusedSince", volume.status().path("unusedSince").asText(Timestamps.seconds(now)));
        }
        if (view.isInUse()) {
            ArrayNode mountedBy = status.putArray("mountedBy");
            view.mounts().forEach(mount -> add(mountedBy.addObject(), mount));
        }
        return status;
    }

    private static void add(ObjectNode entry, ScheduledSnapshots.Summary snapshots) {
        entry.put("schedule", snapshots.schedule());
        snapshots.next().ifPresent(next -> entry.put("next", Timestamps.seconds(next)));
        snapshots.last().ifPresent(last -> entry.put("last", last));
        entry.put("count", snapshots.count());
    }

    private static void add(ObjectNode entry, VolumeUsers.Mount mount) {
        entry.put("pod", mount.pod());
        if (!mount.container().isEmpty()) {
            entry.put("container", mount.container());
        }
        if (!mount.path().isEmpty()) {
            entry.put("mountPath", mount.path());
        }
        entry.put("readOnly", mount.readOnly());
    }

    private static List<Condition> conditions(VolumeView view) {
        List<Condition> conditions = new ArrayList<>(progress(view));
        conditions.add(view.fault()
                .filter(VolumeView.Fault::isFinal)
                .map(fault -> Condition.yes("Stalled", fault.reason(), fault.message()))
                .orElse(Condition.no("Stalled", Reason.SUCCEEDED, "")));
        conditions.add(
                view.isInUse()
                        ? Condition.yes("InUse", Reason.VOLUME_IN_USE, "used by " + view.users())
                        : Condition.no("InUse", Reason.SUCCEEDED, ""));
        if (AnonymousVolumes.is(view.volume())) {
            conditions.add(
                    view.isLeft()
                            ? Condition.yes(
                                    ORPHANED,
                                    Reason.NOT_FOUND,
                                    "nobody has it any more; slipway system prune --volumes removes it")
                            : Condition.no(ORPHANED, Reason.SUCCEEDED, ""));
        }
        Population.words(view.volume().spec().path("populate"))
                .map(source -> populated(view, source))
                .ifPresent(conditions::add);
        enforced(view).ifPresent(conditions::add);
        nearlyFull(view).ifPresent(conditions::add);
        view.snapshots().map(VolumeStatusRenderer::snapshotsFailing).ifPresent(conditions::add);
        return conditions;
    }

    private static List<Condition> progress(VolumeView view) {
        if (view.volume().deletionTimestamp().isPresent()) {
            Condition going = view.isInUse()
                    ? Condition.yes("Reconciling", Reason.VOLUME_IN_USE, view.hold())
                    : Condition.yes("Reconciling", Reason.TERMINATING, "");
            return List.of(Condition.no("Ready", Reason.TERMINATING, "it is being deleted"), going);
        }
        if (view.fault().isPresent()) {
            VolumeView.Fault fault = view.fault().get();
            return fault.isFinal()
                    ? List.of(
                            Condition.no("Ready", fault.reason(), fault.message()),
                            Condition.no("Reconciling", fault.reason(), ""))
                    : List.of(
                            Condition.no("Ready", Reason.FAILED, fault.message()),
                            Condition.yes("Reconciling", Reason.PROGRESSING, fault.message()));
        }
        return List.of(Condition.yes("Ready", Reason.SUCCEEDED, ""), Condition.no("Reconciling", Reason.SUCCEEDED, ""));
    }

    private static Condition populated(VolumeView view, String source) {
        if (view.path().isEmpty()) {
            String why = view.fault().map(VolumeView.Fault::message).orElse("");
            return Condition.no("Populated", Reason.PROGRESSING, "from %s: %s".formatted(source, why));
        }
        boolean isKept =
                view.provenance().filter(data -> data.isKeptFor(view.volume())).isPresent();
        return isKept
                ? Condition.yes(
                        "Populated",
                        Reason.DATA_KEPT,
                        "from %s, for an earlier volume of this name whose data were kept".formatted(source))
                : Condition.yes("Populated", Reason.SUCCEEDED, "from " + source);
    }

    private static Condition snapshotsFailing(ScheduledSnapshots.Summary snapshots) {
        return snapshots
                .failing()
                .map(why -> Condition.yes("SnapshotsFailing", Reason.SNAPSHOT_CREATION_FAILED, why))
                .orElse(Condition.no("SnapshotsFailing", Reason.SUCCEEDED, ""));
    }

    /// Says of a volume with a capacity who keeps it to that.
    private static Optional<Condition> enforced(VolumeView view) {
        return VolumeStorage.capacity(view.volume())
                .flatMap(capacity -> view.enforcement().map(enforcement -> switch (enforcement) {
                    case PROJECT_QUOTA ->
                        Condition.yes(
                                "CapacityEnforced",
                                Reason.PROJECT_QUOTA,
                                "the file system refuses what goes beyond %s bytes".formatted(capacity));
                    case WATCH ->
                        Condition.no(
                                "CapacityEnforced",
                                Reason.NO_PROJECT_QUOTA,
                                "the file system has no project quotas: it is measured, and nothing is refused");
                }));
    }

    /// Says of a volume with a capacity whether it takes most of it.
    private static Optional<Condition> nearlyFull(VolumeView view) {
        return VolumeStorage.capacity(view.volume())
                .flatMap(capacity -> view.usage().map(usage -> {
                    String words = "%s of %s bytes are used".formatted(usage.bytes(), capacity);
                    boolean isFull = usage.bytes() >= capacity * NEARLY_FULL;
                    return isFull
                            ? Condition.yes("NearlyFull", Reason.NEARLY_FULL, words)
                            : Condition.no("NearlyFull", Reason.SUCCEEDED, words);
                }));
    }
}
