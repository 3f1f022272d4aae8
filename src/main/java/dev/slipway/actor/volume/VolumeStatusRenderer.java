package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.Reason;
import java.time.Instant;
import java.util.List;

/// Says in the status of a Volume where the data are and who uses them. Pure.
final class VolumeStatusRenderer {
    private VolumeStatusRenderer() {}

    /// The whole status; conditions that say the same as before keep their times.
    static ObjectNode render(VolumeView view, Instant now) {
        ApiObject volume = view.volume();
        ObjectNode status = ObjectCodec.json().createObjectNode();
        status.put("observedGeneration", volume.generation());
        if (volume.status().path("conditions") instanceof ArrayNode before) {
            status.set("conditions", before.deepCopy());
        }
        conditions(view).forEach(condition -> Conditions.set(status, condition, volume.generation(), now));
        view.path().ifPresent(path -> status.put("path", path.toString()));
        view.bytesUsed().ifPresent(bytes -> status.put("bytesUsed", bytes));
        VolumeUsers.origin(volume).ifPresent(origin -> status.putObject("origin")
                .put("kind", origin.kind())
                .put("name", origin.name())
                .put("imagePath", origin.path()));
        if (view.isInUse()) {
            ArrayNode mountedBy = status.putArray("mountedBy");
            view.mounts().forEach(mount -> add(mountedBy.addObject(), mount));
        }
        return status;
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
        Condition inUse = view.isInUse()
                ? Condition.yes("InUse", Reason.VOLUME_IN_USE, "used by " + view.users())
                : Condition.no("InUse", Reason.SUCCEEDED, "");
        Condition unstalled = Condition.no("Stalled", Reason.SUCCEEDED, "");
        if (view.volume().deletionTimestamp().isPresent()) {
            Condition going = view.isInUse()
                    ? Condition.yes("Reconciling", Reason.VOLUME_IN_USE, "goes when no pod uses it: " + view.users())
                    : Condition.yes("Reconciling", Reason.TERMINATING, "");
            return List.of(Condition.no("Ready", Reason.TERMINATING, "it is being deleted"), going, unstalled, inUse);
        }
        if (!view.fault().isEmpty()) {
            return List.of(
                    Condition.no("Ready", Reason.FAILED, view.fault()),
                    Condition.yes("Reconciling", Reason.PROGRESSING, view.fault()),
                    unstalled,
                    inUse);
        }
        return List.of(
                Condition.yes("Ready", Reason.SUCCEEDED, ""),
                Condition.no("Reconciling", Reason.SUCCEEDED, ""),
                unstalled,
                inUse);
    }
}
