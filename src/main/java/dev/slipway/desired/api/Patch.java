package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.JsonNode;

/// A change as a client sent it.
public sealed interface Patch {
    /// RFC 6902.
    record Json(JsonNode operations) implements Patch {}

    /// RFC 7386.
    record Merge(JsonNode changes) implements Patch {}

    /// Kubernetes' strategic merge patch.
    record Strategic(JsonNode changes) implements Patch {}

    /// Server-side apply; makes the object if it is missing.
    record Apply(JsonNode config) implements Patch {}
}
