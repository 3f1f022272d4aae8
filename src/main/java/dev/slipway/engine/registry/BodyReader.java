package dev.slipway.engine.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The body of a response as a stream that fails when bytes stop coming: the JDK's own stream would wait for ever.
/// Bytes
/// that only drip count as stopped; the time that the reader itself takes does not count. One thread reads; the HTTP
/// client delivers from its own; a lock guards what they share.
///
/// ```
/// the client's thread   delivery -> ring, and asks for the next one when all of it has found room
/// the reader's                      ring -> bytes, and moves in what had no room
/// ```
///
/// So a body takes the ring and one delivery of memory, whatever its length and whoever is faster. The client makes
/// new buffers for each delivery: copied at once they die young, while those that wait for a slow reader would outlive
/// collections of garbage and fill the heap.
final class BodyReader extends InputStream implements BodySubscriber<BodyReader> {
    private static final int RING_BYTES = 1 << 17;

    private final Duration noProgress;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile @Nullable Subscription subscription;
    private volatile boolean closed;

    /// Made for the first delivery. Guarded by the lock, as all that follows.
    private @Nullable Ring ring;

    /// What had no room yet.
    private List<ByteBuffer> rest = List.of();

    /// Whether a delivery is on its way.
    private boolean asked;

    private boolean ended;
    private @Nullable Throwable failure;

    /// The reader's own.
    private long waitedNanos;

    private long sinceProgress;

    BodyReader(Duration noProgress) {
        this.noProgress = noProgress;
    }

    @Override
    public CompletionStage<BodyReader> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Subscription given) {
        subscription = given;
        if (closed) {
            given.cancel();
        } else {
            askForMore();
        }
    }

    @Override
    public void onNext(List<ByteBuffer> delivery) {
        lock.lock();
        try {
            asked = false;
            rest = delivery;
            moveIn();
            changed.signal();
        } finally {
            lock.unlock();
        }
        askForMore();
    }

    @Override
    public void onError(Throwable cause) {
        end(cause);
    }

    @Override
    public void onComplete() {
        end(null);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /// Fills as much of `bytes` as is here, and waits only for the first byte. What came before a failure is given
    /// first.
    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        int count = take(bytes, offset, length);
        askForMore();
        noteProgress(count);
        return count == 0 ? -1 : count;
    }

    @Override
    public void close() {
        closed = true;
        Subscription current = subscription;
        if (current != null) {
            current.cancel();
        }
    }

    /// @return 0 at the end
    private int take(byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            Ring filled = await();
            if (filled != null) {
                int count = filled.take(bytes, offset, length);
                moveIn();
                return count;
            }
            if (failure != null) {
                throw new IOException(failure.getMessage(), failure);
            }
            return 0;
        } finally {
            lock.unlock();
        }
    }

    /// Waits for a byte. Called with the lock held.
    ///
    /// @return null at the end
    private @Nullable Ring await() throws IOException {
        long start = System.nanoTime();
        try {
            long left = noProgress.toNanos() - waitedNanos;
            while ((ring == null || ring.isEmpty()) && !ended) {
                if (left <= 0) {
                    throw stopped();
                }
                left = changed.awaitNanos(left);
            }
            return ring == null || ring.isEmpty() ? null : ring;
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading from a registry");
        } finally {
            waitedNanos += System.nanoTime() - start;
        }
    }

    private IOException stopped() {
        close();
        return new IOException(
                "fewer than " + Patience.LEAST_PROGRESS_BYTES + " bytes in " + noProgress.toMillis() + " ms");
    }

    /// Called with the lock held.
    private void moveIn() {
        Ring target = ring == null ? new Ring(RING_BYTES) : ring;
        rest.forEach(target::put);
        if (rest.stream().noneMatch(ByteBuffer::hasRemaining)) {
            rest = List.of();
        }
        ring = target;
    }

    /// Called without the lock: the client may deliver before it returns.
    private void askForMore() {
        lock.lock();
        boolean ask;
        try {
            ask = rest.isEmpty() && !asked && !ended && !closed;
            asked |= ask;
        } finally {
            lock.unlock();
        }
        Subscription current = subscription;
        if (ask && current != null) {
            current.request(1);
        }
    }

    private void end(@Nullable Throwable cause) {
        lock.lock();
        try {
            ended = true;
            failure = cause;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void noteProgress(int count) {
        sinceProgress += count;
        if (sinceProgress >= Patience.LEAST_PROGRESS_BYTES) {
            sinceProgress = 0;
            waitedNanos = 0;
        }
    }

    /// Bytes between one who puts and one who takes, in memory of a fixed size. For one thread at a time.
    private static final class Ring {
        private final byte[] bytes;
        private int start;
        private int count;

        Ring(int capacity) {
            bytes = new byte[capacity];
        }

        boolean isEmpty() {
            return count == 0;
        }

        /// Takes as much out of `source` as there is room for.
        void put(ByteBuffer source) {
            while (source.hasRemaining() && count < bytes.length) {
                int end = (start + count) % bytes.length;
                int room = Math.min(bytes.length - count, bytes.length - end);
                int some = Math.min(room, source.remaining());
                source.get(bytes, end, some);
                count += some;
            }
        }

        /// Gives up to `length` bytes, the oldest first.
        ///
        /// @return how many
        int take(byte[] target, int offset, int length) {
            int done = 0;
            while (done < length && count > 0) {
                int some = Math.min(Math.min(count, bytes.length - start), length - done);
                System.arraycopy(bytes, start, target, offset + done, some);
                start = (start + some) % bytes.length;
                count -= some;
                done += some;
            }
            return done;
        }
    }
}
