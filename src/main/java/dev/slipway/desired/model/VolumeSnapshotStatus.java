package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/// Whether a snapshot can be used.
public record VolumeSnapshotStatus(
        @JsonPropertyDescription("Whether volumes can be made from it.") @Nullable
        Boolean readyToUse,

        @JsonPropertyDescription("The moment whose data it has.") @Nullable
        String creationTime,

        @JsonPropertyDescription("How much a volume made from it takes.") @Nullable
        Quantity restoreSize,

        @JsonPropertyDescription("Why it is not taken yet.") @Nullable
        Failure error) {
    public record Failure(
            @JsonPropertyDescription("Why.") @Nullable String message,

            @JsonPropertyDescription("Since when.") @Nullable
            String time) {}
}
