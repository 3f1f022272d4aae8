package dev.slipway.door.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// Says in the schema of a list how two versions of it are merged.
@FunctionalInterface
interface ListRules {
    /// Adds what is known about the list `property` of `owner` to its schema.
    void annotate(ObjectNode schema, Class<?> owner, String property);
}
