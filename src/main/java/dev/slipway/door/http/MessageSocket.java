package dev.slipway.door.http;

import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.buffer.impl.BufferImpl;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.http.impl.ws.WebSocketFrameInternal;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A WebSocket, or a plain connection whose pieces count as messages, for tasks that may wait. At most [#WINDOW] frames
/// wait here for their reader; while it does not come, nothing more is taken from the connection. A writer waits until
/// the connection has taken what it writes, however long the client lets it.
///
/// A client that has gone while nothing is read from it is found out by what is written to it: hence the pings. Whether
/// they are answered does not matter, because a client may have reasons not to read for a while.
///
/// Thread-safe: one task reads, any may write and close; frames arrive on an event loop. `actions` is guarded by
/// itself.
public final class MessageSocket {
    private static final int WINDOW = 8;
    private static final short NORMAL = 1000;
    private static final Duration PING_PERIOD = Duration.ofSeconds(10);

    private final Wire socket;
    private final String protocol;
    /// Empty is the end. There is room for it beside a full window.
    private final BlockingQueue<Optional<Frame>> arrived = new ArrayBlockingQueue<>(WINDOW + 1);
    private final List<Runnable> actions = new ArrayList<>();
    private boolean open = true;

    /// One frame of a message.
    ///
    /// @param payload backed by an array, the receiver's own
    /// @param continues a message that an earlier frame began
    /// @param last of its message
    public record Frame(ByteBuffer payload, boolean continues, boolean last) {}

    /// What carries the frames; its calls may come from any thread.
    private interface Wire {
        Future<Void> send(Buffer bytes);

        Future<Void> sendText(String text);

        void ping();

        void fetch(long frames);

        void close();
    }

    private record WebSocketWire(ServerWebSocket socket) implements Wire {
        @Override
        public Future<Void> send(Buffer bytes) {
            return socket.writeFrame(WebSocketFrame.binaryFrame(bytes, true));
        }

        @Override
        public Future<Void> sendText(String text) {
            return socket.writeFrame(WebSocketFrame.textFrame(text, true));
        }

        @Override
        public void ping() {
            socket.writePing(Buffer.buffer());
        }

        @Override
        public void fetch(long frames) {
            socket.fetch(frames);
        }

        @Override
        public void close() {
            socket.close(NORMAL);
        }
    }

    private record PlainWire(NetSocket socket, byte[] pingBytes) implements Wire {
        @Override
        public Future<Void> send(Buffer bytes) {
            return socket.write(bytes);
        }

        @Override
        public Future<Void> sendText(String text) {
            return socket.write(text);
        }

        @Override
        public void ping() {
            socket.write(Buffer.buffer(pingBytes));
        }

        @Override
        public void fetch(long frames) {
            socket.fetch(frames);
        }

        /// What was written before still leaves.
        @Override
        public void close() {
            socket.end();
        }
    }

    private MessageSocket(Wire socket, String protocol) {
        this.socket = socket;
        this.protocol = protocol;
    }

    private void begin(Vertx vertx) {
        socket.fetch(WINDOW);
        // Last, because a socket that has been closed meanwhile takes no handlers.
        long pings = vertx.setPeriodic(PING_PERIOD.toMillis(), tick -> socket.ping());
        onClose(() -> vertx.cancelTimer(pings));
    }

    /// Accepts what `request` offers. On its event loop, and before its body was read.
    static Future<MessageSocket> accept(HttpServerRequest request, Vertx vertx) {
        return request.toWebSocket().map(socket -> {
            socket.pause();
            MessageSocket messages =
                    new MessageSocket(new WebSocketWire(socket), Objects.requireNonNullElse(socket.subProtocol(), ""));
            socket.frameHandler(messages::arrived);
            socket.closeHandler(closed -> messages.ended());
            socket.exceptionHandler(failure -> socket.close());
            messages.begin(vertx);
            return messages;
        });
    }

    /// Accepts an offer of SPDY. On the request's event loop, and before its body was read.
    ///
    /// @param ping bytes that mean nothing to the client but that we are here
    static Future<MessageSocket> acceptSpdy(HttpServerRequest request, Vertx vertx, String protocol, byte[] ping) {
        request.response()
                .putHeader("Connection", "Upgrade")
                .putHeader("Upgrade", "SPDY/3.1")
                .putHeader(UpgradeOffer.SPDY_PROTOCOL, protocol);
        return request.toNetSocket().map(socket -> {
            socket.pause();
            MessageSocket messages = new MessageSocket(new PlainWire(socket, ping), protocol);
            socket.handler(bytes -> messages.arrived.add(
                    Optional.of(new Frame(withArray(ByteBuffer.wrap(bytes.getBytes())), false, true))));
            socket.closeHandler(closed -> messages.ended());
            socket.exceptionHandler(failure -> socket.close());
            messages.begin(vertx);
            return messages;
        });
    }

    /// The subprotocol that was agreed on, or the empty string.
    public String protocol() {
        return protocol;
    }

    /// Waits for the next frame.
    ///
    /// @return empty when the client has closed the connection, or it broke
    public Optional<Frame> receive() throws InterruptedException {
        return taken(arrived.take());
    }

    /// As [#receive], for who cannot wait long.
    ///
    /// @throws IOException when nothing has come within `limit`
    public Optional<Frame> receive(Duration limit) throws IOException, InterruptedException {
        Optional<Frame> frame = arrived.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
        if (frame == null) {
            throw new IOException("the client says nothing");
        }
        return taken(frame);
    }

    private Optional<Frame> taken(Optional<Frame> frame) {
        if (frame.isPresent()) {
            socket.fetch(1);
        } else {
            arrived.add(frame);
        }
        return frame;
    }

    /// Begins to send a message. Until [Sending#await] has returned, `bytes` belong to the connection.
    public Sending send(byte[] bytes, int length) {
        Buffer content = BufferImpl.buffer(Unpooled.wrappedBuffer(bytes, 0, length));
        return new Sending(socket.send(content));
    }

    /// As [#send], for protocols that speak in text.
    public Sending sendText(String text) {
        return new Sending(socket.sendText(text));
    }

    /// A message on its way.
    public record Sending(Future<Void> sent) {
        /// Waits until the connection has taken it.
        ///
        /// @throws IOException when the client has gone
        public void await() throws IOException {
            try {
                sent.toCompletionStage().toCompletableFuture().get();
            } catch (ExecutionException e) {
                @Nullable Throwable cause = e.getCause();
                throw new IOException("write to client: " + (cause == null ? e : cause).getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("write to client: interrupted");
            }
        }
    }

    /// Ends the conversation as one that went well.
    public void close() {
        if (isOpen()) {
            socket.close();
        }
    }

    /// Runs `action` once when the connection has ended; at once if it has already.
    public void onClose(Runnable action) {
        synchronized (actions) {
            if (open) {
                actions.add(action);
                return;
            }
        }
        action.run();
    }

    private boolean isOpen() {
        synchronized (actions) {
            return open;
        }
    }

    private void arrived(WebSocketFrame frame) {
        if (frame.isBinary() || frame.isText() || frame.isContinuation()) {
            ByteBuffer payload =
                    ((WebSocketFrameInternal) frame).getBinaryData().nioBuffer();
            arrived.add(Optional.of(new Frame(withArray(payload), frame.isContinuation(), frame.isFinal())));
        }
        // The others are of the connection itself: the framework has answered them, and given their place in the window
        // back.
    }

    private static ByteBuffer withArray(ByteBuffer bytes) {
        return bytes.hasArray()
                ? bytes
                : ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    }

    private void ended() {
        List<Runnable> due;
        synchronized (actions) {
            open = false;
            due = List.copyOf(actions);
            actions.clear();
        }
        arrived.add(Optional.empty());
        due.forEach(Runnable::run);
    }
}
