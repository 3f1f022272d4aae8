package dev.slipway.engine.runtime;

import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// What the runtime of a lab does off its callers' way, at once; but for what is asked for in [#later], which waits for
/// [#catchUp]: steps that are counted are then the caller's alone.
final class LabBackground implements Executor, AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ThreadLocal<Boolean> isLater = ThreadLocal.withInitial(() -> false);
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    @Override
    public void execute(Runnable task) {
        if (isLater.get()) {
            waiting.add(task);
        } else {
            threads.execute(task);
        }
    }

    <T> T later(Callable<T> work) throws Exception {
        isLater.set(true);
        try {
            return work.call();
        } finally {
            isLater.remove();
        }
    }

    /// Does what waits.
    void catchUp() {
        for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
            task.run();
        }
    }

    /// As an engine that is killed stops: whoever works is interrupted.
    void interrupt() {
        threads.shutdownNow();
    }

    @Override
    public void close() {
        threads.close();
    }
}
