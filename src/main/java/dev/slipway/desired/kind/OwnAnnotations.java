package dev.slipway.desired.kind;

import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.desired.model.TagSpec;
import dev.slipway.desired.model.VolumeSnapshotSpec;
import java.util.Set;

/// All annotations of the own group that anything reads or writes.
public final class OwnAnnotations {
    /// What every annotation of the own group begins with.
    public static final String PREFIX = OwnGroup.GROUP + "/";

    private static final Set<String> KNOWN = Set.of(
            PodAnnotations.DESIRED_STATE,
            PodAnnotations.STORAGE_LAYER,
            PodAnnotations.STORAGE_LAYER_SIZE_LIMIT,
            PodAnnotations.USER_NAMESPACE_HOST_ID,
            PodAnnotations.USER_NAMESPACE_SIZE,
            PodAnnotations.CPUSET,
            PodAnnotations.NETWORK_MODE,
            PodAnnotations.NETWORK_ADDRESS,
            PodAnnotations.MAX_RESTARTS,
            PodAnnotations.RESTART_STREAKS,
            PodAnnotations.ULIMITS,
            PodAnnotations.IMAGE_VOLUMES,
            PodAnnotations.IMAGE_HEALTHCHECK,
            PodAnnotations.COPY_UP,
            PodAnnotations.STOP_SIGNAL,
            PodAnnotations.RESTARTED_AT,
            PodAnnotations.DEPENDS_ON,
            PodAnnotations.IMAGE_PATH,
            PodAnnotations.PINNED_IMAGES,
            PodAnnotations.FOLLOWED_IMAGES,
            VolumeSnapshotSpec.ARCHIVE,
            VolumeSnapshotSpec.SCHEDULED_BY,
            VolumeSnapshotSpec.SCHEDULED_BY_UID,
            TagSpec.APPROVE,
            TagSpec.APPROVED_BY,
            TagSpec.ROLLED_BACK_BY,
            TagSpec.PINNED_BY,
            PREFIX + "claim",
            PREFIX + "container-spec",
            PREFIX + "image-from",
            PREFIX + "implicit");

    private OwnAnnotations() {}

    /// Whether an annotation is of the own group, and nothing knows it.
    public static boolean isUnknown(String name) {
        return name.startsWith(PREFIX) && !KNOWN.contains(name);
    }
}
