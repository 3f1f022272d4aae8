package dev.slipway.desired.meta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/// Reads and writes the list `conditions` of a status. Pure.
public final class Conditions {
    private Conditions() {}

    /// Puts `condition` into `status`. Its `lastTransitionTime` is `now` when it was not there or its status
    /// differs, and stays otherwise: a condition that says the same again changes nothing.
    ///
    /// @param generation of the object that was looked at; 0 leaves `observedGeneration` out
    public static void set(ObjectNode status, Condition condition, long generation, Instant now) {
        ArrayNode conditions = status.withArray("/conditions");
        ObjectNode entry = entry(conditions, condition.type());
        String text = condition.status().toString();
        if (!entry.path("status").asText().equals(text)) {
            entry.put("lastTransitionTime", Timestamps.seconds(now));
        }
        entry.put("status", text);
        entry.put("reason", condition.reason());
        entry.put("message", condition.message());
        if (generation > 0) {
            entry.put("observedGeneration", generation);
        }
    }

    /// Takes the condition of that type out, if it is there.
    public static void remove(ObjectNode status, String type) {
        if (status.get("conditions") instanceof ArrayNode conditions) {
            for (int i = conditions.size() - 1; i >= 0; i--) {
                if (conditions.get(i).path("type").asText().equals(type)) {
                    conditions.remove(i);
                }
            }
        }
    }

    /// The condition of that type in a status.
    public static Optional<Condition> find(JsonNode status, String type) {
        for (JsonNode entry : status.path("conditions")) {
            if (entry.path("type").asText().equals(type)) {
                return Optional.of(new Condition(
                        type,
                        known(entry.path("status").asText()),
                        entry.path("reason").asText(),
                        entry.path("message").asText()));
            }
        }
        return Optional.empty();
    }

    /// Whether the condition is there and true.
    public static boolean isTrue(JsonNode status, String type) {
        return find(status, type)
                .filter(condition -> condition.status() == Condition.Status.TRUE)
                .isPresent();
    }

    private static ObjectNode entry(ArrayNode conditions, String type) {
        for (JsonNode entry : conditions) {
            if (entry instanceof ObjectNode found && found.path("type").asText().equals(type)) {
                return found;
            }
        }
        return conditions.addObject().put("type", type);
    }

    private static Condition.Status known(String text) {
        return switch (text) {
            case "True" -> Condition.Status.TRUE;
            case "False" -> Condition.Status.FALSE;
            default -> Condition.Status.UNKNOWN;
        };
    }
}
