package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether a registry can be used.
public record RegistryStatus(
        @JsonPropertyDescription("The generation that this status speaks of.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("What is true of the object; Ready, Reconciling and Stalled are always there.")
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("Whether it answered last.") @Nullable
        Boolean reachable,

        @JsonPropertyDescription("What went wrong last.") @Nullable
        String lastError,

        @JsonPropertyDescription("What the registry on this host holds.") @Nullable
        Served served,

        @JsonPropertyDescription("How much the registry gives to this host, as it said last; absent if it never did.")
        @Nullable
        RateLimit rateLimit) {
    public record RateLimit(
            @JsonPropertyDescription("How much in a window; of Docker Hub, pulls of manifests.") @Nullable
            Long limit,

            @JsonPropertyDescription("What is left of it.") @Nullable
            Long remaining,

            @JsonPropertyDescription("Seconds that it is counted in; 0 if the registry does not say.") @Nullable
            Long windowSeconds) {}

    public record Served(
            @JsonPropertyDescription("Repositories that something was pushed to.") @Nullable
            Integer repositories,

            @JsonPropertyDescription("Tags in them.") @Nullable
            Integer tags,

            @JsonPropertyDescription("Bytes of the manifests and blobs, each counted once.") @Nullable
            Long bytes) {}
}
