package dev.slipway.desired.kind;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiFunction;

/// One column of what `kubectl get` prints.
///
/// @param priority 0 always, 1 with `-o wide`
/// @param cell text or number for an object at a time
public record Column(
        String name,
        String type,
        String format,
        String description,
        int priority,
        BiFunction<ApiObject, Instant, Object> cell) {

    /// The column that every kind has first.
    public static final Column NAME = new Column(
            "Name", "string", "name", "Name must be unique within a namespace.", 0, (object, now) -> object.name());

    /// How long ago an object was made.
    public static final Column AGE = new Column(
            "Age",
            "string",
            "",
            "CreationTimestamp is a timestamp representing the server time when this object was created.",
            0,
            (object, now) -> age(object.metadata().path("creationTimestamp"), now));

    public static Column text(String name, String description, String pointer) {
        return new Column(name, "string", "", description, 0, (object, now) -> object.tree()
                .at(pointer)
                .asText());
    }

    public static Column computed(String name, String description, BiFunction<ApiObject, Instant, Object> cell) {
        return new Column(name, "string", "", description, 0, cell);
    }

    public static Column number(String name, String description, BiFunction<ApiObject, Instant, Object> cell) {
        return new Column(name, "integer", "", description, 0, cell);
    }

    /// The same column, printed only when asked for more.
    public Column wide() {
        return new Column(name, type, format, description, 1, cell);
    }

    /// `12s`, `5m3s`, `3h`, `4d`: at most two units, as kubectl prints ages.
    public static String age(JsonNode timestamp, Instant now) {
        return timestamp.isTextual() ? age(Duration.between(Instant.parse(timestamp.asText()), now)) : "<unknown>";
    }

    public static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        long minutes = seconds / 60;
        if (minutes < 10) {
            return seconds % 60 == 0 ? minutes + "m" : minutes + "m" + seconds % 60 + "s";
        }
        if (minutes < 180) {
            return minutes + "m";
        }
        long hours = minutes / 60;
        if (hours < 8) {
            return minutes % 60 == 0 ? hours + "h" : hours + "h" + minutes % 60 + "m";
        }
        if (hours < 48) {
            return hours + "h";
        }
        long days = hours / 24;
        return days < 8 && hours % 24 != 0 ? days + "d" + hours % 24 + "h" : days + "d";
    }
}
