package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/// Another object of this host.
public record ObjectReference(
        @JsonPropertyDescription("Kind of the object.") @Nullable
        String kind,

        @JsonPropertyDescription("Name of the object.") @Nullable
        String name) {}
