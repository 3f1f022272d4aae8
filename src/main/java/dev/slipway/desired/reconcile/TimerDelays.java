package dev.slipway.desired.reconcile;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Real delays on one thread, by the monotonic clock; a jump of the wall clock changes nothing. Thread-safe.
public final class TimerDelays implements Delays, AutoCloseable {
    private final ScheduledThreadPoolExecutor timer;

    public TimerDelays() {
        timer = new ScheduledThreadPoolExecutor(
                1, task -> Thread.ofPlatform().name("delays").daemon().unstarted(task));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Cancellation after(Duration delay, Runnable task) {
        ScheduledFuture<?> future = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
