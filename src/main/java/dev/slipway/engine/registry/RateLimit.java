package dev.slipway.engine.registry;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How much a registry gives to this host, as it said last.
///
/// @param limit how much in a window; of Docker Hub, pulls of manifests
/// @param remaining what is left of it
/// @param window in which it is counted; zero if the registry does not say
/// @spec https://docs.docker.com/docker-hub/usage/pulls/ Docker Hub pull usage and limits
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

    private static OptionalLong number(String value) {
        Matcher matcher = VALUE.matcher(value);
        return matcher.lookingAt() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }
}
