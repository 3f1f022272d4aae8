package dev.slipway.engine.oci;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// How an image says that its process can be probed. Zero durations and retries mean the engine's default.
///
/// @param test `NONE`, or `CMD` and arguments, or `CMD-SHELL` and a line for the image's shell
/// @param startInterval between two probes within the start period
public record Healthcheck(
        List<String> test,
        Duration interval,
        Duration timeout,
        Duration startPeriod,
        Duration startInterval,
        int retries) {
    public Healthcheck {
        test = List.copyOf(test);
        boolean isPast =
                Stream.of(interval, timeout, startPeriod, startInterval).anyMatch(Duration::isNegative);
        if (isPast || retries < 0) {
            throw new IllegalArgumentException("a health check has a negative number");
        }
    }
}
