package dev.slipway.desired.reconcile;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/// How long to wait before the next try: doubling from `first` to `most`, with up to a fifth of jitter taken off, so
/// that what failed together does not come back together.
///
/// @param jitter gives numbers from 0 (inclusive) to 1 (exclusive)
public record Backoff(Duration first, Duration most, DoubleSupplier jitter) {
    public Backoff {
        if (first.isNegative() || first.isZero() || most.compareTo(first) < 0) {
            throw new IllegalArgumentException("back-off does not grow: " + first + " to " + most);
        }
    }

    /// The wait before retry number `failures`, 1 for the first.
    public Duration after(int failures) {
        int doublings = Math.clamp(failures - 1, 0, 30);
        long nanos = Math.min(first.toNanos() << Math.min(doublings, 62 - bits(first)), most.toNanos());
        return Duration.ofNanos((long) (nanos * (1 - 0.2 * jitter.getAsDouble())));
    }

    private static int bits(Duration duration) {
        return 64 - Long.numberOfLeadingZeros(duration.toNanos());
    }
}
