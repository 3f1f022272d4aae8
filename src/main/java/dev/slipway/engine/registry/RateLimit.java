package dev.slipway.engine.registry;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How much a registry gives to this host, as it said last, and how long it asks to be left alone.
///
/// @param limit how much in a window; of Docker Hub, pulls of manifests
/// @param remaining what is left of it
/// @param window in which it is counted; zero if the registry does not say
/// @spec https://docs.docker.com/docker-hub/usage/pulls/ Docker Hub pull usage and limits
/// @spec https://www.rfc-editor.org/rfc/rfc9110#name-retry-after RFC 9110: Retry-After
public record RateLimit(long limit, long remaining, Duration window) {
    /// `100;w=21600`
    private static final Pattern VALUE = Pattern.compile("([0-9]{1,15})(?:;w=([0-9]{1,9}))?(?![0-9])");

    /// Empty where a registry does not say both numbers, or not as numbers.
    static Optional<RateLimit> of(HttpHeaders headers) {
        Matcher limit = VALUE.matcher(headers.firstValue("RateLimit-Limit").orElse(""));
        OptionalLong remaining =
                number(headers.firstValue("RateLimit-Remaining").orElse(""));
        if (!limit.lookingAt() || remaining.isEmpty()) {
            return Optional.empty();
        }
        Duration window = limit.group(2) == null ? Duration.ZERO : Duration.ofSeconds(Long.parseLong(limit.group(2)));
        return Optional.of(new RateLimit(Long.parseLong(limit.group(1)), remaining.getAsLong(), window));
    }

    static Optional<Duration> retryAfter(HttpHeaders headers) {
        return headers.firstValue("Retry-After").flatMap(value -> retryAfter(value.strip(), Instant.now()));
    }

    /// Reads seconds or a date; empty for anything else.
    static Optional<Duration> retryAfter(String value, Instant now) {
        if (value.matches("[0-9]{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
        }
        try {
            Instant date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Optional.of(date.isAfter(now) ? Duration.between(now, date) : Duration.ZERO);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static OptionalLong number(String value) {
        Matcher matcher = VALUE.matcher(value);
        return matcher.lookingAt() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }
}
