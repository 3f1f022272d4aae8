package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/// What a snapshot is taken of; named as in Kubernetes, whose model classes lack this kind.
///
/// @spec https://kubernetes.io/docs/concepts/storage/volume-snapshots/ Kubernetes: Volume Snapshots
public record VolumeSnapshotSpec(
        @JsonPropertyDescription("What is copied; it cannot be changed.") @Nullable
        Source source,

        @JsonPropertyDescription("Accepted, and without effect: there is one way to take snapshots here.") @Nullable
        String volumeSnapshotClassName) {
    /// Annotation, an absolute path on this host: what the snapshot holds is written there as a tar archive before
    /// it is ready to use, packed if the name ends with `gz`. Another host populates a Volume with it.
    public static final String ARCHIVE = OwnGroup.GROUP + "/archive";

    /// Annotation: the name of the Volume whose schedule has taken the snapshot.
    public static final String SCHEDULED_BY = OwnGroup.GROUP + "/scheduled-by";

    /// Annotation: its uid. A later Volume of that name counts only what it has taken itself, and so removes
    /// nothing of what was taken of the earlier one.
    public static final String SCHEDULED_BY_UID = OwnGroup.GROUP + "/scheduled-by-uid";

    public record Source(
            @JsonPropertyDescription("A claim, or a Volume, of the same namespace.") @Nullable
            String persistentVolumeClaimName) {}
}
