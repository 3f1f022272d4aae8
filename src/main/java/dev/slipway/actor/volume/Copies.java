package dev.slipway.actor.volume;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.engine.volume.VolumeContent;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/// Copies of volumes, with their users held still as the volume says.
record Copies(VolumeParts parts) {
    private static final GroupResource PODS = GroupResource.core("pods");

    /// Hears the moment whose data a copy has.
    @FunctionalInterface
    interface Moment {
        Moment NOBODY = moment -> {};

        /// Called before the first file is copied.
        void is(Instant moment) throws IOException;
    }

    /// What a Volume holds when the copy is made.
    VolumeContent of(ApiObject volume, Moment moment) {
        VolumeContent content = parts.volumes().contentOf(VolumeStorage.name(volume));
        VolumeContent timed = directory -> {
            moment.is(parts.clock().instant());
            content.fill(directory);
        };
        return volume.spec().at("/snapshots/freeze").asText().equals("None")
                ? timed
                : directory -> parts.freezer().whileFrozen(uid -> isUser(uid, volume), () -> timed.fill(directory));
    }

    private boolean isUser(String uid, ApiObject volume) {
        return parts.objects().store().list(PODS, volume.namespace()).items().stream()
                .anyMatch(pod -> pod.uid().equals(uid)
                        && !VolumeUsers.mounts(volume, List.of(pod)).isEmpty());
    }
}
