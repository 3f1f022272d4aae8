package dev.slipway.engine.oci;

import java.time.Duration;
import java.util.List;

/// How an image says that its process can be probed. Zero durations and retries mean the engine's default.
///
/// @param test `NONE`, or `CMD` and arguments, or `CMD-SHELL` and a line for the image's shell
public record Healthcheck(List<String> test, Duration interval, Duration timeout, Duration startPeriod, int retries) {
    public Healthcheck {
        test = List.copyOf(test);
        if (interval.isNegative() || timeout.isNegative() || startPeriod.isNegative() || retries < 0) {
            throw new IllegalArgumentException("a health check has a negative number");
        }
    }
}
