package dev.slipway.door.http;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The body of a request as a stream for one thread, while an event loop delivers it. No more than a few buffers are
/// ever here; a client that sends nothing for too long, or next to nothing, is given up.
public final class BodyStream extends InputStream {
    private static final int AHEAD = 4;
    private static final long MOST_DRAINED_BYTES = 8L << 20;
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(5);
    private static final int NO_ERROR = 0;

    private sealed interface Signal {
        record Bytes(Buffer buffer) implements Signal {}

        record End(@Nullable Throwable cause) implements Signal {}
    }

    private final HttpServerRequest request;
    private final Context context;
    private final Pace pace;
    private final LinkedBlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private Buffer buffer = Buffer.buffer();
    private int position;
    private boolean asked;
    private boolean isTooSlow;
    private Signal.@Nullable End end;

    private BodyStream(HttpServerRequest request, Context context, Pace pace) {
        this.request = request;
        this.context = context;
        this.pace = pace;
    }

    /// Called on the request's event loop, before anything of the body was delivered.
    public static BodyStream of(HttpServerRequest request, Context context, Pace pace) {
        BodyStream stream = new BodyStream(request, context, pace);
        request.pause();
        request.handler(bytes -> stream.signals.add(new Signal.Bytes(bytes)));
        request.endHandler(nothing -> stream.signals.add(new Signal.End(null)));
        request.exceptionHandler(failure -> stream.signals.add(new Signal.End(failure)));
        return stream;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        while (position == buffer.length()) {
            if (isOver()) {
                return -1;
            }
            Optional<Signal> signal = await(pace.patience());
            isTooSlow = signal.isEmpty();
            take(signal.orElseThrow(() -> new BrokenRequestException("the client sends nothing, or too slowly", null)));
        }
        int count = Math.min(length, buffer.length() - position);
        buffer.getBytes(position, position + count, bytes, offset);
        position += count;
        return count;
    }

    /// Whether everything was read.
    public boolean isOver() throws IOException {
        Signal.End over = end;
        if (over == null) {
            return false;
        }
        Throwable cause = over.cause();
        if (cause != null) {
            throw new BrokenRequestException("the client's connection broke: " + cause.getMessage(), cause);
        }
        return true;
    }

    /// Reads a little more of a body that nobody wants, and forgets it: many clients look for an answer only when
    /// all was sent, and to close a connection with something unread may take the answer from them.
    ///
    /// @return whether that was all; if not, the request is to be given up behind its answer ([#giveUp])
    /// @throws IOException when the client has gone
    public boolean drain() throws IOException {
        long deadline = System.nanoTime() + DRAIN_LIMIT.toNanos();
        long left = MOST_DRAINED_BYTES;
        position = buffer.length();
        if (isTooSlow) {
            return false;
        }
        while (!isOver()) {
            Optional<Signal> signal = await(Duration.ofNanos(deadline - System.nanoTime()));
            if (signal.isEmpty()) {
                return false;
            }
            take(signal.get());
            left -= buffer.length() - position;
            position = buffer.length();
            if (left < 0) {
                return false;
            }
        }
        return true;
    }

    /// Ends a request that was answered though its body goes on. On HTTP/1 that ends the connection, after a while
    /// in which the client may see the answer and stop.
    ///
    /// @throws IOException when the client has gone
    public void giveUp() throws IOException {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset(NO_ERROR);
            return;
        }
        try {
            drain();
        } finally {
            request.connection().close();
        }
    }

    private void take(Signal signal) {
        switch (signal) {
            case Signal.Bytes(Buffer bytes) -> {
                buffer = bytes;
                position = 0;
            }
            case Signal.End over -> end = over;
        }
    }

    /// Empty when nothing came in time.
    private Optional<Signal> await(Duration patience) throws IOException {
        long more = asked ? 1 : AHEAD;
        asked = true;
        context.runOnContext(nothing -> {
            if (!request.isEnded()) {
                request.fetch(more);
            }
        });
        try {
            long begin = System.nanoTime();
            Signal signal = signals.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            long bytes = signal instanceof Signal.Bytes(Buffer arrived) ? arrived.length() : 0;
            pace.moved(Duration.ofNanos(System.nanoTime() - begin), bytes);
            return Optional.ofNullable(signal);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading from a client");
        }
    }
}
