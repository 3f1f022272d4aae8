package dev.slipway.desired.kind;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.function.BiFunction;

/// One column of what `kubectl get` prints.
///
/// @param priority 0 always, 1 with `-o wide`
/// @param jsonPath where a plain value stands, `.status.phase`; empty for one that is computed
/// @param cell text or number for an object at a time
public record Column(
        String name,
        String type,
        String format,
        String description,
        int priority,
        String jsonPath,
        BiFunction<ApiObject, Instant, Object> cell) {

    /// The column that every kind has first.
    public static final Column NAME = new Column(
            "Name",
            "string",
            "name",
            "Name must be unique within a namespace.",
            0,
            ".metadata.name",
            (object, now) -> object.name());

    /// How long ago an object was made.
    public static final Column AGE = new Column(
            "Age",
            "string",
            "",
            "CreationTimestamp is a timestamp representing the server time when this object was created.",
            0,
            ".metadata.creationTimestamp",
            (object, now) -> age(object.metadata().path("creationTimestamp"), now));

    public static Column text(String name, String description, String pointer) {
        return computed(name, description, (object, now) -> object.tree()
                        .at(pointer)
                        .asText())
                .from(pointer.replace('/', '.'));
    }

    /// A text, or `<none>` where there is none.
    public static Column textOrNone(String name, String description, String pointer) {
        return computed(name, description, (object, now) -> {
                    String text = object.tree().at(pointer).asText();
                    return text.isEmpty() ? "<none>" : text;
                })
                .from(pointer.replace('/', '.'));
    }

    public static Column computed(String name, String description, BiFunction<ApiObject, Instant, Object> cell) {
        return new Column(name, "string", "", description, 0, "", cell);
    }

    public static Column number(String name, String description, BiFunction<ApiObject, Instant, Object> cell) {
        return new Column(name, "integer", "", description, 0, "", cell);
    }

    /// The same column, printed only when asked for more.
    public Column wide() {
        return new Column(name, type, format, description, 1, jsonPath, cell);
    }

    /// The same column, with the place where other servers find its value.
    public Column from(String path) {
        return new Column(name, type, format, description, priority, path, cell);
    }

    /// How long ago a time was that may be missing, or that a client may have written wrong.
    public static String age(JsonNode timestamp, Instant now) {
        try {
            return timestamp.asText().isEmpty()
                    ? "<unknown>"
                    : age(Duration.between(Instant.parse(timestamp.asText()), now));
        } catch (DateTimeParseException e) {
            return "<unknown>";
        }
    }

    /// `12s`, `5m3s`, `3h`, `4d`, `2y20d`: at most two units, as kubectl prints ages.
    ///
    /// @spec https://github.com/kubernetes/apimachinery/blob/master/pkg/util/duration/duration.go HumanDuration
    public static String age(Duration age) {
        long seconds = age.toSeconds();
        if (seconds < -1) {
            return "<invalid>";
        }
        if (seconds < 0) {
            return "0s";
        }
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
        if (days < 8) {
            return hours % 24 == 0 ? days + "d" : days + "d" + hours % 24 + "h";
        }
        if (days < 2 * 365) {
            return days + "d";
        }
        long years = days / 365;
        return years < 8 && days % 365 != 0 ? years + "y" + days % 365 + "d" : years + "y";
    }
}
