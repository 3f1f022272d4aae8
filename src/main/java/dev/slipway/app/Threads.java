package dev.slipway.app;

import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.reconcile.TimerDelays;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// The threads that all rooms share. Started by construction of the first task, ended by [#close].
///
/// @param blocking one virtual thread a task: requests, rounds, watches
/// @param computing platform threads, made when needed: downloads and unpacking compute for long
/// @param steady a clock that nobody sets
/// @param delays one thread that only hands tasks on
record Threads(ExecutorService blocking, ExecutorService computing, TimerDelays delays, InstantSource steady)
        implements AutoCloseable {
    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    static Threads open() {
        return new Threads(
                Executors.newVirtualThreadPerTaskExecutor(),
                Executors.newCachedThreadPool(
                        Thread.ofPlatform().name("layer-", 0).daemon().factory()),
                new TimerDelays(),
                new SteadyClock());
    }

    Schedule schedule() {
        return new Schedule(InstantSource.system(), steady, delays, blocking);
    }

    @Override
    public void close() {
        delays.close();
        computing.shutdownNow();
        blocking.shutdown();
        try {
            if (!blocking.awaitTermination(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                blocking.shutdownNow();
            }
        } catch (InterruptedException e) {
            blocking.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
