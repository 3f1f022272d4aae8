package dev.slipway.desired.reconcile;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// Says when what happens often is due to be told of again, at once the first time. Safe for use by many threads: one
/// of them tells.
public final class Pace {
    private final long pauseNanos;
    private final AtomicLong toldNanos;

    /// @param pause from one time to the next, at least
    public Pace(Duration pause) {
        pauseNanos = pause.toNanos();
        toldNanos = new AtomicLong(System.nanoTime() - pauseNanos);
    }

    /// Whether to tell now.
    public boolean isDue() {
        long now = System.nanoTime();
        long told = toldNanos.get();
        return now - told >= pauseNanos && toldNanos.compareAndSet(told, now);
    }
}
