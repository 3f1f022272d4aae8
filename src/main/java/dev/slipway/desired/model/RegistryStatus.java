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
        Served served) {
    public record Served(
            @JsonPropertyDescription("Repositories that something was pushed to.") @Nullable
            Integer repositories,

            @JsonPropertyDescription("Tags in them.") @Nullable
            Integer tags,

            @JsonPropertyDescription("Bytes of the manifests and blobs, each counted once.") @Nullable
            Long bytes) {}
}
