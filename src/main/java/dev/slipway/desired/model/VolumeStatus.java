package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the data are and who uses them.
public record VolumeStatus(
        @JsonPropertyDescription("The generation that this status speaks of.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("What is true of the object; Ready, Reconciling and Stalled are always there.")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("The directory on the host.") @Nullable
        String path,

        @JsonPropertyDescription("How much they take.") @Nullable
        Long bytesUsed,

        @JsonPropertyDescription("How many files and directories they are.") @Nullable
        Long inodesUsed,

        @JsonPropertyDescription("What the volume was made for; only of anonymous volumes.") @Nullable
        Origin origin,

        @JsonPropertyDescription("The claim that has it, if one does.") @Nullable
        Claim claimRef,

        @JsonPropertyDescription("Who has it mounted.") @Nullable
        List<Mount> mountedBy,

        @JsonPropertyDescription("Since when nobody has, after somebody had; only of volumes that then go.") @Nullable
        String unusedSince,

        @JsonPropertyDescription("The snapshots that its schedule has taken.") @Nullable
        Snapshots snapshots) {
    /// A container whose image declares a path as a volume.
    public record Origin(
            @JsonPropertyDescription("Pod or Container.") @Nullable
            String kind,

            @JsonPropertyDescription("Name of the object.") @Nullable
            String name,

            @JsonPropertyDescription("The path in the image.") @Nullable
            String imagePath) {}

    public record Claim(
            @JsonPropertyDescription("Name of the PersistentVolumeClaim.") @Nullable
            String name) {}

    /// One mount.
    public record Mount(
            @JsonPropertyDescription("Name of the pod.") @Nullable
            String pod,

            @JsonPropertyDescription("Name of the container.") @Nullable
            String container,

            @JsonPropertyDescription("Where.") @Nullable String mountPath,

            @JsonPropertyDescription("Whether it cannot write.") @Nullable
            Boolean readOnly) {}

    public record Snapshots(
            @JsonPropertyDescription("The schedule that next was found by.") @Nullable
            String schedule,

            @JsonPropertyDescription("When the next is due.") @Nullable
            String next,

            @JsonPropertyDescription("Name of the last.") @Nullable
            String last,

            @JsonPropertyDescription("How many there are.") @Nullable
            Integer count) {}
}
