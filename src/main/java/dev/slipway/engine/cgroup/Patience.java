package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Waits for what the kernel does in its own time and has no better way to tell.
final class Patience {
    private static final long FIRST_PAUSE_NANOS = 200_000;
    private static final long LONGEST_PAUSE_NANOS = 10_000_000;

    private Patience() {}

    @FunctionalInterface
    interface Question {
        boolean answer() throws IOException;
    }

    /// Asks until the answer is yes.
    ///
    /// @return false if it still was no after `limit`
    /// @throws InterruptedIOException when the thread was interrupted, which it then still is: whoever goes on
    ///     after a failure ends at his next wait
    static boolean until(Duration limit, Question question) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        long pause = FIRST_PAUSE_NANOS;
        while (!question.answer()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            LockSupport.parkNanos(pause);
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while waiting for a cgroup");
            }
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
        return true;
    }
}
