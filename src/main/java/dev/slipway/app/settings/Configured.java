package dev.slipway.app.settings;

import dev.slipway.engine.oci.Durations;
import io.smallrye.config.EnvConfigSource;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.eclipse.microprofile.config.Config;

/// What was configured, by the keys of [EngineSettings].
///
/// @param values the value of a key, if it has one
/// @param names a key as the one who set it wrote it: as an option, a variable or a property
public record Configured(Function<String, Optional<String>> values, UnaryOperator<String> names) {
    /// @param options what was typed, by key
    public static Configured of(Config config, Map<String, String> options) {
        return new Configured(
                key -> config.getOptionalValue(key, String.class),
                key -> options.containsKey(key)
                        ? key.replace("slipway.", "--")
                        : isVariable(config, key) ? variable(key) : key);
    }

    /// The environment variable of a key.
    static String variable(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    private static boolean isVariable(Config config, String key) {
        String source = config.getConfigValue(key).getSourceName();
        return source != null && source.startsWith(EnvConfigSource.NAME);
    }

    Optional<String> text(String key) {
        return values.apply(key);
    }

    /// @throws IllegalArgumentException when it is not one from `least` to `most`
    long number(String key, long otherwise, long least, long most) {
        String text = text(key).orElse(Long.toString(otherwise));
        long number;
        try {
            number = Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("%s is not a number: %s".formatted(name(key), text), e);
        }
        if (number < least || number > most) {
            throw new IllegalArgumentException(
                    most == Long.MAX_VALUE
                            ? "%s is less than %d: %d".formatted(name(key), least, number)
                            : "%s is not from %d to %d: %d".formatted(name(key), least, most, number));
        }
        return number;
    }

    Duration duration(String key, Duration otherwise) {
        try {
            return text(key).map(Durations::parse).orElse(otherwise);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s is %s".formatted(name(key), e.getMessage()), e);
        }
    }

    String name(String key) {
        return names.apply(key);
    }
}
