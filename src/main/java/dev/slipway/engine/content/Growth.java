package dev.slipway.engine.content;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// How far a file is written, shared between its one writer and any number of readers. Safe by its lock.
final class Growth {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grew = lock.newCondition();
    private final long finalBytes;
    private long bytes;
    private int restarts;
    private boolean ended;
    private boolean whole;

    /// @param finalBytes negative where unknown
    Growth(long bytes, long finalBytes) {
        this.bytes = bytes;
        this.finalBytes = finalBytes;
    }

    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    void add(long count) {
        change(() -> bytes += count);
    }

    void restart() {
        change(() -> {
            bytes = 0;
            restarts++;
        });
    }

    /// @param complete whether every byte that will ever come is here
    void end(boolean complete) {
        change(() -> {
            ended = true;
            whole = complete;
        });
    }

    /// How often the writer began again.
    int restarts() {
        lock.lock();
        try {
            return restarts;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is more than `seen`.
    ///
    /// @param since what [#restarts] was when the reader began
    /// @return how many bytes there are beyond `seen`, 0 at the end
    /// @throws IOException when the writer gave up, or began again so that what was read is void
    long await(long seen, int since) throws IOException {
        lock.lock();
        try {
            while (restarts == since && bytes <= seen && !ended && bytes != finalBytes) {
                grew.await();
            }
            if (restarts != since || (ended && !whole)) {
                throw new IOException("the blob stopped coming after " + bytes + " bytes");
            }
            return bytes - seen;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a blob");
        } finally {
            lock.unlock();
        }
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            grew.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
