package dev.slipway.actor.volume;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.engine.volume.VolumeContent;
import java.util.List;

/// Copies of volumes, with their users held still as the volume says.
record Copies(VolumeParts parts) {
    private static final GroupResource PODS = GroupResource.core("pods");

    /// What a Volume holds when the copy is made.
    VolumeContent of(ApiObject volume) {
        VolumeContent content = parts.volumes().contentOf(VolumeStorage.name(volume));
        if (volume.spec().at("/snapshots/freeze").asText().equals("None")) {
            return content;
        }
        return directory -> parts.freezer().whileFrozen(users(volume), () -> content.fill(directory));
    }

    private List<String> users(ApiObject volume) {
        return parts.objects().store().list(PODS, volume.namespace()).items().stream()
                .filter(pod -> !VolumeUsers.mounts(volume, List.of(pod)).isEmpty())
                .map(ApiObject::uid)
                .toList();
    }
}
