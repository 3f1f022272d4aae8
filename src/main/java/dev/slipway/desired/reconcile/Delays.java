package dev.slipway.desired.reconcile;

import java.time.Duration;

/// Runs things later. Tests advance a fake one by hand.
@FunctionalInterface
public interface Delays {
    /// Runs `task` once, `delay` from now, on a thread that must not be held up.
    Cancellation after(Duration delay, Runnable task);

    /// Takes a task back; harmless when it has run.
    @FunctionalInterface
    interface Cancellation {
        void cancel();
    }
}
