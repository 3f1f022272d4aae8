package dev.slipway.engine.linux;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Runs what changes the thread it runs on: namespaces belong to threads, so such a thread must end afterwards.
final class ThreadOfItsOwn {
    private ThreadOfItsOwn() {}

    /// Runs `task` on a platform thread and waits. An interrupt does not end the wait: the calls are short, and
    /// what they have opened must not be lost.
    static <T> T run(String name, Callable<T> task) throws IOException {
        FutureTask<T> future = new FutureTask<>(task);
        Thread.ofPlatform().name(name).start(future);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw unwrapped(Objects.requireNonNull(e.getCause()));
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static IOException unwrapped(Throwable cause) {
        return switch (cause) {
            case IOException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> new IOException(cause);
        };
    }
}
