package dev.slipway.door.distribution;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The body of a request as a stream for one thread, while an event loop delivers it. No more than a few buffers are
/// ever here; a client that sends nothing for too long is given up.
final class BodyStream extends InputStream {
    private static final int AHEAD = 4;

    private sealed interface Signal {
        record Bytes(Buffer buffer) implements Signal {}

        record End(@Nullable Throwable cause) implements Signal {}
    }

    private final HttpServerRequest request;
    private final Context context;
    private final Duration patience;
    private final LinkedBlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private Buffer buffer = Buffer.buffer();
    private int position;
    private boolean asked;
    private Signal.@Nullable End end;

    private BodyStream(HttpServerRequest request, Context context, Duration patience) {
        this.request = request;
        this.context = context;
        this.patience = patience;
    }

    /// Called on the request's event loop, before anything of the body was delivered.
    static BodyStream of(HttpServerRequest request, Context context, Duration patience) {
        BodyStream stream = new BodyStream(request, context, patience);
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
            advance();
        }
        int count = Math.min(length, buffer.length() - position);
        buffer.getBytes(position, position + count, bytes, offset);
        position += count;
        return count;
    }

    /// Whether everything was read.
    boolean isOver() throws IOException {
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

    private void advance() throws IOException {
        long more = asked ? 1 : AHEAD;
        asked = true;
        context.runOnContext(nothing -> {
            if (!request.isEnded()) {
                request.fetch(more);
            }
        });
        switch (await()) {
            case Signal.Bytes(Buffer bytes) -> {
                buffer = bytes;
                position = 0;
            }
            case Signal.End over -> end = over;
        }
    }

    private Signal await() throws IOException {
        try {
            Signal signal = signals.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (signal == null) {
                throw new BrokenRequestException(
                        "the client sent nothing for %d s".formatted(patience.toSeconds()), null);
            }
            return signal;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading from a client");
        }
    }
}
