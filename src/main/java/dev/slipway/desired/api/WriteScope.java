package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import java.util.List;

/// The part of an object that a write is about: everything but the status, or nothing but the status. Only in that part
/// a writer comes to own fields.
final class WriteScope {
    private static final List<String> IDENTITY = List.of("name", "namespace", "managedFields");
    private static final List<String> OF_STATUS = List.of("apiVersion", "kind", "metadata", "status");

    private WriteScope() {}

    /// `object` with that part only; shares what it keeps.
    static ObjectNode of(Kind kind, ObjectNode object, WriteOptions options) {
        if (!kind.hasStatus()) {
            return Authors.without(kind, object);
        }
        ObjectNode part = object.objectNode();
        Authors.without(kind, object).properties().forEach(entry -> {
            if (options.isStatus()
                    ? OF_STATUS.contains(entry.getKey())
                    : !entry.getKey().equals("status")) {
                part.set(entry.getKey(), entry.getValue());
            }
        });
        if (options.isStatus() && object.path("metadata") instanceof ObjectNode metadata) {
            ObjectNode identity = part.putObject("metadata");
            for (String field : IDENTITY) {
                JsonNode value = metadata.get(field);
                if (value != null) {
                    identity.set(field, value);
                }
            }
        }
        return part;
    }
}
