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

        @JsonPropertyDescription("Where it pointed before, latest first.") @Nullable
        List<Move> history) {
    /// A time during which the tag pointed at one image.
    public record Move(
            @JsonPropertyDescription("The image.") @Nullable String digest,

            @JsonPropertyDescription("Since when.") @Nullable
            String from,

            @JsonPropertyDescription("Until when.") @Nullable
            String to) {}
}
