package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How far this host is equal to its manifests.
public record SyncStatus(
        @JsonPropertyDescription("The generation that this status speaks of.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("What is true of the object; Ready, Reconciling and Stalled are always there.")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("Of the manifests that were applied last.") @Nullable
        String revision,

        @JsonPropertyDescription("The objects that were applied.") @Nullable
        List<Object> inventory,

        @JsonPropertyDescription("What could not be applied.") @Nullable
        List<Problem> errors) {
    /// One thing that is wrong.
    public record Problem(
            @JsonPropertyDescription("Where.") @Nullable String file,

            @JsonPropertyDescription("Where in it.") @Nullable
            Integer line,

            @JsonPropertyDescription("Why, in one word.") @Nullable
            String reason,

            @JsonPropertyDescription("Why.") @Nullable String message) {}
}
