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

        @JsonPropertyDescription("What the volume was made for; only of anonymous volumes.") @Nullable
        Origin origin,

        @JsonPropertyDescription("Who has it mounted.") @Nullable
        List<Mount> mountedBy) {
    /// A container whose image declares a path as a volume.
    public record Origin(
            @JsonPropertyDescription("Pod or Container.") @Nullable
            String kind,

            @JsonPropertyDescription("Name of the object.") @Nullable
            String name,

            @JsonPropertyDescription("The path in the image.") @Nullable
            String imagePath) {}

    /// One mount.
    public record Mount(
            @JsonPropertyDescription("Name of the pod.") @Nullable
            String pod,

            @JsonPropertyDescription("Name of the container.") @Nullable
            String container,

            @JsonPropertyDescription("Where.") @Nullable String mountPath,

            @JsonPropertyDescription("Whether it cannot write.") @Nullable
            Boolean readOnly) {}
}
