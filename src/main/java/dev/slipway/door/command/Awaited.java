package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.door.jsonpath.JsonPath;
import java.util.List;
import java.util.Optional;

/// How an object is to be.
sealed interface Awaited {
    record Condition(String type, String status) implements Awaited {}

    record Phase(String phase) implements Awaited {}

    record Gone() implements Awaited {}

    /// @param text of the value at `path`; empty for any
    record Value(String words, JsonPath path, Optional<String> text) implements Awaited {
        private static final String KEY = "jsonpath=";

        /// `{.status.phase}=Running`, or without the braces.
        static Value parse(String text) {
            try {
                JsonPath.Beginning begin = JsonPath.parseBeginning(text);
                String rest = begin.rest();
                WrongUsageException.unless(
                        !begin.path().steps().isEmpty() && (rest.isEmpty() || rest.startsWith("=")),
                        "--for=jsonpath= needs a path, as {.status.phase}=Running, not " + text);
                Optional<String> value = rest.isEmpty() ? Optional.empty() : Optional.of(unquoted(rest.substring(1)));
                return new Value(text, begin.path(), value);
            } catch (IllegalArgumentException e) {
                throw new WrongUsageException("--for=jsonpath: " + e.getMessage());
            }
        }

        private static String unquoted(String value) {
            return value.replaceFirst("^([\"'])(.*)\\1$", "$2");
        }

        private boolean isIn(JsonNode object) {
            List<JsonNode> found = path.find(object);
            return text.isEmpty()
                    ? !found.isEmpty()
                    : found.size() == 1 && JsonPath.text(found.getFirst()).equals(text.get());
        }
    }

    /// @throws WrongUsageException when it says nothing that can be awaited
    static Awaited parse(String text) {
        String[] parts = text.split("=", 3);
        if (text.equals("delete")) {
            return new Gone();
        }
        if (parts[0].equals("condition") && parts.length > 1 && !parts[1].isEmpty()) {
            return new Condition(parts[1], parts.length > 2 ? parts[2] : "True");
        }
        if (parts[0].equals("phase") && parts.length == 2 && !parts[1].isEmpty()) {
            return new Phase(parts[1]);
        }
        if (text.startsWith(Value.KEY)) {
            return Value.parse(text.substring(Value.KEY.length()));
        }
        throw new WrongUsageException(
                "--for must be condition=TYPE[=STATUS], phase=PHASE, jsonpath={PATH}[=VALUE] or delete, not " + text);
    }

    /// @param event type of a watch event
    default boolean isMetBy(String event, JsonNode object) {
        return switch (this) {
            case Gone gone -> event.equals("DELETED");
            case Phase(String phase) ->
                !event.equals("DELETED")
                        && object.path("status").path("phase").asText().equals(phase);
            case Condition(String type, String status) -> !event.equals("DELETED") && has(object, type, status);
            case Value value -> !event.equals("DELETED") && value.isIn(object);
        };
    }

    /// A condition that speaks of an older generation says nothing yet.
    private static boolean has(JsonNode object, String type, String status) {
        long generation = object.path("metadata").path("generation").asLong();
        for (JsonNode condition : object.path("status").path("conditions")) {
            if (condition.path("type").asText().equalsIgnoreCase(type)) {
                long observed = condition.path("observedGeneration").asLong(generation);
                return observed >= generation
                        && condition.path("status").asText().equalsIgnoreCase(status);
            }
        }
        return false;
    }

    /// For people.
    default String words() {
        return switch (this) {
            case Gone gone -> "deleted";
            case Phase(String phase) -> phase;
            case Condition(String type, String status) -> type + (status.equals("True") ? "" : "=" + status);
            case Value value -> value.words();
        };
    }
}
