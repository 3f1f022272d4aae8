package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a tag points.
public record TagStatus(
        @JsonPropertyDescription("The generation that this status speaks of.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("What is true of the object; Ready, Reconciling and Stalled are always there.")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("The image that it points at.") @Nullable
        String digest,

        @JsonPropertyDescription("The image before.") @Nullable
        String previousDigest,

        @JsonPropertyDescription("The image that it would point at, but for a window, an approval or a quarantine.")
        @Nullable
        String pendingDigest,

        @JsonPropertyDescription("Images that did not get ready, and that it does not move to again.") @Nullable
        List<Quarantined> quarantined,

        @JsonPropertyDescription("Where it pointed, the present one first.") @Nullable
        List<Move> history,

        @JsonPropertyDescription("Who uses it.") @Nullable List<Consumer> consumers,

        @JsonPropertyDescription("When the followed registry was asked last.") @Nullable
        String lastChecked,

        @JsonPropertyDescription("Where it was pushed to.") @Nullable
        List<Pushed> pushes) {
    public record Quarantined(
            @JsonPropertyDescription("The image.") @Nullable String digest,

            @JsonPropertyDescription("What was wrong.") @Nullable
            String reason,

            @JsonPropertyDescription("Since when.") @Nullable
            String time) {}

    /// A time during which the tag pointed at one image.
    public record Move(
            @JsonPropertyDescription("The image.") @Nullable String digest,

            @JsonPropertyDescription("Since when.") @Nullable
            String from,

            @JsonPropertyDescription("Until when.") @Nullable
            String to,

            @JsonPropertyDescription("What came of it: Progressing, Succeeded, Superseded, Failed or RolledBack.")
            @Nullable
            String result,

            @JsonPropertyDescription("Who or what moved it.") @Nullable
            String cause) {}

    public record Consumer(
            @JsonPropertyDescription("Container, Deployment or Pod.") @Nullable
            String kind,

            @JsonPropertyDescription("Its namespace.") @Nullable
            String namespace,

            @JsonPropertyDescription("Its name.") @Nullable String name) {}

    public record Pushed(
            @JsonPropertyDescription("Name of the Registry.") @Nullable
            String registry,

            @JsonPropertyDescription("What it is called there.") @Nullable
            String reference,

            @JsonPropertyDescription("What it points at there.") @Nullable
            String digest,

            @JsonPropertyDescription("The image of this host that was pushed.") @Nullable
            String image,

            @JsonPropertyDescription("The index that the image was chosen from, where that is known.") @Nullable
            String index,

            @JsonPropertyDescription("What is to be said of the push; absent if nothing is.") @Nullable
            String remark,

            @JsonPropertyDescription("When.") @Nullable String time,

            @JsonPropertyDescription("How far the push that is going on is; absent while none is.") @Nullable
            Progress progress) {}

    /// Of a push. What a registry has already counts as sent.
    public record Progress(
            @JsonPropertyDescription("Layers and configs that the registry has.") @Nullable
            Integer blobsDone,

            @JsonPropertyDescription("Layers and configs in all.") @Nullable
            Integer blobsTotal,

            @JsonPropertyDescription("Bytes that were sent.") @Nullable
            Long bytesDone,

            @JsonPropertyDescription("Bytes in all.") @Nullable
            Long bytesTotal,

            @JsonPropertyDescription("How fast they go.") @Nullable
            Long bytesPerSecond) {}
}
