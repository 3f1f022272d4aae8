package dev.slipway.door.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/// A chunked response. Each write waits until the bytes have left for the client, so that a slow client slows only its
/// own task; one that reads nothing for too long is dropped. Writes come from one thread, the end of the connection
/// from an event loop; `actions` is guarded by itself.
final class ResponseSink implements Sink {
    private static final Logger LOG = Logger.getLogger(ResponseSink.class);

    private final HttpServerResponse response;
    private final Duration patience;
    private final List<Runnable> actions = new ArrayList<>();
    private volatile boolean open = true;

    ResponseSink(HttpServerResponse response, Duration patience) {
        this.response = response;
        this.patience = patience;
    }

    /// Sends the headers at once, so that the client knows that its request was accepted.
    void begin(String contentType) throws IOException {
        response.closeHandler(closed -> ended());
        response.exceptionHandler(failure -> ended());
        response.setChunked(true);
        response.putHeader("Content-Type", contentType);
        response.putHeader("Cache-Control", "no-cache, private");
        write(new byte[0]);
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        if (!open || response.closed()) {
            ended();
            throw new IOException("write to client: it has gone");
        }
        await(response.write(Buffer.buffer(bytes)));
    }

    void end() throws IOException {
        if (open && !response.closed()) {
            await(response.end());
        }
    }

    private void await(Future<Void> sent) throws IOException {
        try {
            sent.toCompletionStage().toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.debugf("client dropped reason=\"reads nothing\" patience=%s", patience);
            response.reset();
            ended();
            throw new IOException("write to client: it read nothing for " + patience.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            ended();
            throw new IOException(
                    "write to client: "
                            + Objects.requireNonNullElse(e.getCause(), e).getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("write to client: interrupted");
        }
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void onClose(Runnable action) {
        synchronized (actions) {
            if (open) {
                actions.add(action);
                return;
            }
        }
        action.run();
    }

    private void ended() {
        List<Runnable> due;
        synchronized (actions) {
            open = false;
            due = List.copyOf(actions);
            actions.clear();
        }
        due.forEach(Runnable::run);
    }
}
