package dev.slipway.app;

import java.time.Instant;
import java.time.InstantSource;

/// Goes as long as this process does, from the wall clock's time at its beginning, whoever sets the wall clock
/// meanwhile. What it tells is of no use to anybody else.
final class SteadyClock implements InstantSource {
    private final Instant begin = Instant.now();
    private final long beginNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return begin.plusNanos(System.nanoTime() - beginNanos);
    }
}
