package dev.slipway.actor.volume;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Reason;
import dev.slipway.engine.volume.Enforcement;
import dev.slipway.engine.volume.TreeUsage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// All that the status of a Volume is made of.
///
/// @param path of the data on the host; empty when there are none yet
/// @param usage as it was measured last
/// @param isClaimed whether a claim of its name has it
/// @param isLeft whether nobody has it any more, of one that goes by itself
/// @param snapshots of its schedule; empty if it has none
/// @param provenance of the data; empty when there are none of this host's
/// @param enforcement of its capacity; empty without data of type Managed
/// @param fault why the data cannot be used
record VolumeView(
        ApiObject volume,
        Optional<Path> path,
        Optional<TreeUsage> usage,
        List<VolumeUsers.Mount> mounts,
        boolean isClaimed,
        boolean isLeft,
        Optional<ScheduledSnapshots.Summary> snapshots,
        Optional<Provenance> provenance,
        Optional<Enforcement> enforcement,
        Optional<Fault> fault) {
    VolumeView {
        mounts = List.copyOf(mounts);
    }

    /// @param reason [Reason#CONFLICT] when waiting does not help
    record Fault(Reason reason, String message) {
        boolean isFinal() {
            return reason == Reason.CONFLICT;
        }
    }

    boolean isInUse() {
        return !mounts.isEmpty();
    }

    /// Why it does not go yet, for people.
    String hold() {
        return VolumeUsers.hold(pods()).orElse("");
    }

    /// The pods that use it, for people.
    String users() {
        return String.join(", ", pods());
    }

    private List<String> pods() {
        return mounts.stream().map(VolumeUsers.Mount::pod).distinct().toList();
    }
}
