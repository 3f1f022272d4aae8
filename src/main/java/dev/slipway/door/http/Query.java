package dev.slipway.door.http;

import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The parameters behind the question mark of a request.
public record Query(MultiMap values) {
    /// The value, or the empty string.
    public String text(String name) {
        String value = values.get(name);
        return value == null ? "" : value;
    }

    public Optional<String> optional(String name) {
        return Optional.of(text(name)).filter(value -> !value.isEmpty());
    }

    public List<String> all(String name) {
        return values.getAll(name);
    }

    /// Whether the parameter is `true` or `1`; anything but those and `false`, `0` and nothing is refused.
    public boolean flag(String name) {
        return switch (text(name)) {
            case "true", "1" -> true;
            case "", "false", "0" -> false;
            default -> throw RefusedException.badRequest(name + " must be true or false");
        };
    }

    public OptionalLong number(String name) {
        String value = text(name);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseUnsignedLong(value));
        } catch (NumberFormatException e) {
            throw RefusedException.badRequest(name + " must be a whole number, but is \"" + value + "\"");
        }
    }

    public Optional<Duration> seconds(String name) {
        OptionalLong seconds = number(name);
        return seconds.isEmpty() ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds.getAsLong()));
    }
}
