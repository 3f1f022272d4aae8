package dev.slipway.engine.oci;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Durations as Docker and Kubernetes write them, for instance `1m30s`. Pure.
///
/// @spec https://pkg.go.dev/time#ParseDuration Go: time.ParseDuration
public final class Durations {
    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|ms|s|m|h)");
    private static final Pattern WHOLE = Pattern.compile("0|(" + PART.pattern() + ")+");

    private Durations() {}

    /// @param text null for zero
    /// @throws IllegalArgumentException when it is none
    public static Duration parse(@Nullable String text) {
        if (text == null) {
            return Duration.ZERO;
        }
        if (!WHOLE.matcher(text).matches()) {
            throw new IllegalArgumentException("not a duration like 1m30s: " + text);
        }
        Duration sum = Duration.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            double nanos = Double.parseDouble(part.group(1)) * nanosOf(part.group(2));
            sum = sum.plusNanos(Math.round(nanos));
        }
        return sum;
    }

    private static double nanosOf(String unit) {
        return switch (unit) {
            case "ns" -> 1;
            case "us" -> 1e3;
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            default -> 3600e9;
        };
    }

    /// The shortest that [#parse] reads as this; null for zero.
    public static @Nullable String text(Duration duration) {
        if (duration.isZero()) {
            return null;
        }
        return duration.toNanosPart() == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
