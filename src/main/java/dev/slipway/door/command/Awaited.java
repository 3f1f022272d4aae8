package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;

/// How an object is to be.
sealed interface Awaited {
    record Condition(String type, String status) implements Awaited {}

    record Phase(String phase) implements Awaited {}

    record Gone() implements Awaited {}

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
        throw new WrongUsageException("--for must be condition=TYPE[=STATUS], phase=PHASE or delete, not " + text);
    }

    /// @param event type of a watch event
    default boolean isMetBy(String event, JsonNode object) {
        return switch (this) {
            case Gone gone -> event.equals("DELETED");
            case Phase(String phase) ->
                !event.equals("DELETED")
                        && object.path("status").path("phase").asText().equals(phase);
            case Condition(String type, String status) -> !event.equals("DELETED") && has(object, type, status);
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
        };
    }
}
