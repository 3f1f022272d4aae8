package dev.slipway.desired.model;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Lengths of time as specs write them: `90s`, `1h30m`, `250ms`.
///
/// @spec https://pkg.go.dev/time#ParseDuration Go: time.ParseDuration
public final class DurationText {
    private static final Pattern WHOLE = Pattern.compile("(?:[0-9]{1,9}(?:ms|[smhd]))+");
    private static final Pattern PART = Pattern.compile("([0-9]+)(ms|[smhd])");

    private DurationText() {}

    /// Empty if `text` is not of the form.
    public static Optional<Duration> parse(String text) {
        if (!WHOLE.matcher(text).matches()) {
            return Optional.empty();
        }
        Duration sum = Duration.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            long count = Long.parseLong(part.group(1));
            sum = sum.plus(
                    switch (part.group(2)) {
                        case "ms" -> Duration.ofMillis(count);
                        case "s" -> Duration.ofSeconds(count);
                        case "m" -> Duration.ofMinutes(count);
                        case "h" -> Duration.ofHours(count);
                        default -> Duration.ofDays(count);
                    });
        }
        return Optional.of(sum);
    }
}
