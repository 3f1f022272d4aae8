package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.Reason;
import java.time.Instant;
import java.util.List;

/// Says which fields of an object are known and not enforced yet: to the writer as warnings, to everybody else as the
/// condition `FieldsIgnored`. The condition is kept here, so that whoever writes the rest of the status need not know
/// of it.
final class IgnoredFields {
    private static final String CONDITION = "FieldsIgnored";

    private IgnoredFields() {}

    /// Brings the condition in `object` up to date with its content.
    ///
    /// @return warnings
    static List<String> note(Kind kind, ObjectNode object, Instant now) {
        ApiObject candidate = ApiObject.of(object);
        List<String> fields = kind.ignoredFields(candidate);
        if (!kind.hasStatus()) {
            return warnings(fields);
        }
        if (!fields.isEmpty()) {
            Condition condition = Condition.yes(CONDITION, Reason.FIELDS_IGNORED, String.join(", ", fields));
            Conditions.set(object.withObject("/status"), condition, candidate.generation(), now);
        } else if (object.path("status") instanceof ObjectNode status && has(status)) {
            Conditions.remove(status, CONDITION);
        }
        return warnings(fields);
    }

    /// Keeps the condition in a status that somebody writes who does not know of it.
    static void keep(ObjectNode object, ApiObject before) {
        for (JsonNode condition : before.status().path("conditions")) {
            if (isIt(condition) && object.path("status") instanceof ObjectNode status && !has(status)) {
                ArrayNode conditions = status.withArray("/conditions");
                conditions.add(condition);
            }
        }
    }

    private static boolean has(ObjectNode status) {
        for (JsonNode condition : status.path("conditions")) {
            if (isIt(condition)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isIt(JsonNode condition) {
        return condition.path("type").asText().equals(CONDITION);
    }

    private static List<String> warnings(List<String> fields) {
        return fields.stream()
                .map(field -> field + ": accepted, but not enforced by this version of Slipway")
                .toList();
    }
}
