package dev.slipway.engine.runtime;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// What the rooms of a lab put off: short tasks, which must not meet a room that is closed. They are started by a
/// thread of the lab's own host: one that is started inside a namespace would be born there.
final class LabChores implements Executor, AutoCloseable {
    private final ExecutorService housekeeping = Executors.newVirtualThreadPerTaskExecutor();
    private final ThreadPoolExecutor starter =
            new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    private final AtomicInteger left = new AtomicInteger();

    LabChores() {
        starter.prestartCoreThread();
    }

    /// For what is put off outside of all namespaces.
    Executor direct() {
        return housekeeping;
    }

    @Override
    public void execute(Runnable task) {
        left.incrementAndGet();
        starter.execute(() -> housekeeping.execute(() -> {
            try {
                task.run();
            } finally {
                left.decrementAndGet();
            }
        }));
    }

    /// Waits until what was put off is done.
    void await() {
        RuntimeLab.await(() -> left.get() == 0);
    }

    @Override
    public void close() {
        starter.close();
        housekeeping.close();
    }
}
