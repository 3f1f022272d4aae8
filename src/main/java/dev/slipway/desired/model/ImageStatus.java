package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an image is made of.
public record ImageStatus(
        @JsonPropertyDescription("The generation that this status speaks of.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("What is true of the object; Ready, Reconciling and Stalled are always there.")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("The digest of its manifest.") @Nullable
        String digest,

        @JsonPropertyDescription("The media type of its manifest.") @Nullable
        String mediaType,

        @JsonPropertyDescription("The platform that it is for, for instance linux/amd64.") @Nullable
        String platform,

        @JsonPropertyDescription("When it was built.") @Nullable
        String created,

        @JsonPropertyDescription("Its layers, lowest first.") @Nullable
        List<Layer> layers,

        @JsonPropertyDescription("How large it is.") @Nullable
        Sizes sizes,

        @JsonPropertyDescription("Its run parameters.") ImageSpec.@Nullable Config config,

        @JsonPropertyDescription("How far a pull or build is.") @Nullable
        Progress progress,

        @JsonPropertyDescription("Who uses it.") @Nullable UsedBy usedBy,

        @JsonPropertyDescription("Since when no pod, Container, Tag or build needs it.") @Nullable
        String unusedSince) {
    /// One layer.
    public record Layer(
            @JsonPropertyDescription("Of the compressed layer.") @Nullable
            String digest,

            @JsonPropertyDescription("Of the layer as it is unpacked.") @Nullable
            String diffID,

            @JsonPropertyDescription("As it travels.") @Nullable
            Long compressedBytes,

            @JsonPropertyDescription("As it is unpacked.") @Nullable
            Long bytes,

            @JsonPropertyDescription("What made it.") @Nullable
            String createdBy,

            @JsonPropertyDescription("How many things of the layers below it deletes.") @Nullable
            Integer whiteouts,

            @JsonPropertyDescription("How much of it layers above delete or replace: carried, and never seen.")
            @Nullable
            Long hiddenBytes,

            @JsonPropertyDescription("Images of this host that have it, too.") @Nullable
            List<String> sharedWith) {}

    /// In bytes.
    public record Sizes(
            @JsonPropertyDescription("As it travels.") @Nullable
            Long compressed,

            @JsonPropertyDescription("On disk.") @Nullable Long unpacked,

            @JsonPropertyDescription("Of unpacked, in layers that no other image of this host has.") @Nullable
            Long unique,

            @JsonPropertyDescription("Of unpacked, in layers that other images of this host have, too.") @Nullable
            Long shared,

            @JsonPropertyDescription("Of unpacked, deleted or replaced by layers above.") @Nullable
            Long hidden) {}

    /// Of a pull or a build.
    public record Progress(
            @JsonPropertyDescription("What is being done.") @Nullable
            String phase,

            @JsonPropertyDescription("Layers that are ready.") @Nullable
            Integer layersDone,

            @JsonPropertyDescription("Layers in all.") @Nullable
            Integer layersTotal,

            @JsonPropertyDescription("Bytes that have come.") @Nullable
            Long bytesDone,

            @JsonPropertyDescription("Bytes in all.") @Nullable
            Long bytesTotal,

            @JsonPropertyDescription("How fast they come.") @Nullable
            Long bytesPerSecond) {}

    /// Counts of users.
    public record UsedBy(
            @JsonPropertyDescription("Pods that run it.") @Nullable
            Integer pods,

            @JsonPropertyDescription("Tags that point at it.") @Nullable
            Integer tags) {}
}
