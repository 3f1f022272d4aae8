package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/// Where manifests come from that this host is kept equal to.
public record SyncSpec(
        @JsonPropertyDescription("Where the manifests are.") @Nullable
        Source source) {
    public record Source(
            @JsonPropertyDescription("A directory of this host, watched with all below it.") @Nullable
            Directory directory) {}

    public record Directory(
            @JsonPropertyDescription("Absolute path.") @Nullable
            String path) {}
}
