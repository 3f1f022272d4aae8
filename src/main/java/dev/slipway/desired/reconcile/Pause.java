package dev.slipway.desired.reconcile;

import java.time.Duration;
import java.time.Instant;

/// A pause before something is tried again, by the wall clock, so that people can be told when it ends. Somebody may
/// set that clock: nobody shall wait for longer than the pause is because of it.
public record Pause(Instant begin, Instant end) {
    public static Pause of(Instant begin, Duration length) {
        return new Pause(begin, begin.plus(length));
    }

    /// Whether it is over; it also is when the clock tells a time before its beginning.
    public boolean isOver(Instant now) {
        return now.isBefore(begin) || !now.isBefore(end);
    }

    /// How long it lasts yet.
    public Duration left(Instant now) {
        return isOver(now) ? Duration.ZERO : Duration.between(now, end);
    }

    public Duration length() {
        return Duration.between(begin, end);
    }
}
