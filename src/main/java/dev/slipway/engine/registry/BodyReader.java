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
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The body of a response as a stream that fails when bytes stop coming: the JDK's own stream would wait for ever.
/// Bytes
/// that only drip count as stopped; the time that the reader itself takes does not count. One thread reads; the HTTP
/// client delivers from its own.
final class BodyReader extends InputStream implements BodySubscriber<BodyReader> {
    private static final int AHEAD = 4;

    private sealed interface Signal {
        record Bytes(List<ByteBuffer> buffers) implements Signal {}

        record End(@Nullable Throwable cause) implements Signal {}
    }

    private final Duration noProgress;
    private final LinkedBlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private volatile @Nullable Subscription subscription;
    private volatile boolean closed;
    private List<ByteBuffer> buffers = List.of();
    private int next;
    private long waitedNanos;
    private long sinceProgress;
    private boolean ended;
    private @Nullable Throwable failure;

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
            given.request(AHEAD);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
        signals.add(new Signal.Bytes(item));
    }

    @Override
    public void onError(Throwable cause) {
        signals.add(new Signal.End(cause));
    }

    @Override
    public void onComplete() {
        signals.add(new Signal.End(null));
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
        int done = 0;
        while (done < length) {
            ByteBuffer buffer = buffer(done == 0);
            if (buffer == null) {
                break;
            }
            int count = Math.min(length - done, buffer.remaining());
            buffer.get(bytes, offset + done, count);
            done += count;
        }
        noteProgress(done);
        Throwable cause = failure;
        if (done == 0 && cause != null) {
            throw new IOException(cause.getMessage(), cause);
        }
        return done == 0 && length > 0 ? -1 : done;
    }

    @Override
    public void close() {
        closed = true;
        Subscription current = subscription;
        if (current != null) {
            current.cancel();
        }
    }

    /// A buffer with bytes; null at the end, and also when none is here and `wait` is false.
    private @Nullable ByteBuffer buffer(boolean wait) throws IOException {
        while (true) {
            while (next < buffers.size()) {
                if (buffers.get(next).hasRemaining()) {
                    return buffers.get(next);
                }
                next++;
            }
            if (ended || !(wait ? advance(await()) : advance(signals.poll()))) {
                return null;
            }
        }
    }

    private boolean advance(@Nullable Signal signal) {
        return switch (signal) {
            case null -> false;
            case Signal.Bytes(List<ByteBuffer> more) -> {
                buffers = more;
                next = 0;
                Subscription current = subscription;
                if (current != null) {
                    current.request(1);
                }
                yield true;
            }
            case Signal.End end -> {
                ended = true;
                failure = end.cause();
                yield false;
            }
        };
    }

    private Signal await() throws IOException {
        try {
            long start = System.nanoTime();
            Signal signal = signals.poll(noProgress.toNanos() - waitedNanos, TimeUnit.NANOSECONDS);
            waitedNanos += System.nanoTime() - start;
            if (signal == null) {
                close();
                throw new IOException(
                        "fewer than " + Patience.LEAST_PROGRESS_BYTES + " bytes in " + noProgress.toMillis() + " ms");
            }
            return signal;
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading from a registry");
        }
    }

    private void noteProgress(int count) {
        sinceProgress += count;
        if (sinceProgress >= Patience.LEAST_PROGRESS_BYTES) {
            sinceProgress = 0;
            waitedNanos = 0;
        }
    }
}
