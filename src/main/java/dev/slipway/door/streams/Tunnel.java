package dev.slipway.door.streams;

import dev.slipway.door.spdy.SpdyEncoder;
import dev.slipway.door.spdy.SpdyEncoder.ResetReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One connection of a client to a port of a pod.
///
/// ```
/// client --take--> queue of a few pieces --> socket in the pod     a task of its own
/// client <-------- data frames <------------ socket in the pod     the tunnel's task
/// ```
///
/// Each direction ends by itself; the tunnel when both have. When it breaks, or is closed, what waits is thrown away
/// and nobody is kept waiting.
///
/// Thread-safe: the reader of the client's socket takes, any thread may close.
final class Tunnel {
    private static final Logger LOG = Logger.getLogger(Tunnel.class);
    private static final int PIECES = 8;
    /// The client may send that much more each time; half of what it may have under way.
    private static final int WINDOW_STEP = 32 * 1024;
    private static final ByteBuffer END = ByteBuffer.allocate(0);

    private final SpdyClient client;
    private final int data;
    private final int errors;
    private final BlockingQueue<ByteBuffer> waiting = new ArrayBlockingQueue<>(PIECES);
    private @Nullable SocketChannel socket;
    private volatile boolean closed;

    /// Opens connections inside a pod.
    @FunctionalInterface
    interface Connector {
        SocketChannel connect(int port) throws IOException;
    }

    /// @param data and `errors`: the streams of the pair
    Tunnel(SpdyClient client, int data, int errors) {
        this.client = client;
        this.data = data;
        this.errors = errors;
    }

    /// Takes what the client sends; waits while too much waits.
    void take(ByteBuffer bytes) throws InterruptedException {
        if (!closed) {
            waiting.put(bytes);
        }
    }

    /// The client sends no more.
    void takeEnd() throws InterruptedException {
        take(END);
    }

    /// Lives from the connection to the end of both directions.
    void run(Connector connector, int port, Executor workers) {
        try {
            converse(connector, port, workers);
        } catch (IOException e) {
            LOG.debugf("client of a tunnel has gone port=%d reason=\"%s\"", port, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close();
        }
    }

    private void converse(Connector connector, int port, Executor workers) throws IOException, InterruptedException {
        SocketChannel connected;
        try {
            connected = connector.connect(port);
        } catch (IOException e) {
            tell("error forwarding port %d: %s".formatted(port, Objects.requireNonNullElse(e.getMessage(), e)));
            return;
        }
        try {
            keep(connected);
            exchange(connected, workers);
        } catch (IOException e) {
            LOG.debugf("tunnel broke port=%d reason=\"%s\"", port, e.getMessage());
            // Without words: for those kubectl gives up all its connections, and this one alone broke.
            client.send(SpdyEncoder.reset(data, ResetReason.CANCELLED));
        }
        // The client waits for it also when it broke the tunnel off.
        client.send(SpdyEncoder.end(errors));
    }

    private void exchange(SocketChannel connected, Executor workers) throws IOException, InterruptedException {
        FutureTask<?> upstream = new FutureTask<>(() -> {
            giveAll(connected);
            return null;
        });
        workers.execute(upstream);
        client.pump(data, Channels.newInputStream(connected));
        client.send(SpdyEncoder.end(data));
        join(upstream);
    }

    /// Closes what is connected too late.
    private synchronized void keep(SocketChannel connected) throws IOException {
        socket = connected;
        if (closed) {
            connected.close();
        }
    }

    private void giveAll(SocketChannel to) throws IOException, InterruptedException {
        int taken = 0;
        for (ByteBuffer piece = waiting.take(); piece != END; piece = waiting.take()) {
            taken += piece.remaining();
            while (piece.hasRemaining()) {
                to.write(piece);
            }
            if (taken >= WINDOW_STEP) {
                client.send(SpdyEncoder.openWindows(data, taken));
                taken = 0;
            }
        }
        if (!closed) {
            to.shutdownOutput();
        }
    }

    private static void join(FutureTask<?> task) throws IOException, InterruptedException {
        try {
            task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e);
        }
    }

    /// Ends both streams with words on the one for errors.
    private void tell(String message) throws IOException {
        byte[] words = message.getBytes(StandardCharsets.UTF_8);
        byte[] frame = new byte[SpdyEncoder.DATA_HEADER_BYTES + words.length];
        System.arraycopy(words, 0, frame, SpdyEncoder.DATA_HEADER_BYTES, words.length);
        SpdyEncoder.putDataHeader(frame, errors, words.length, true);
        client.send(frame);
        client.send(SpdyEncoder.reset(data, ResetReason.INTERNAL_ERROR));
    }

    /// Breaks both directions off.
    void close() {
        synchronized (this) {
            if (!closed) {
                closed = true;
                disconnect();
            }
        }
        // Who was waiting to give takes one of the places, so there is one for the end.
        waiting.clear();
        boolean told = waiting.offer(END);
    }

    private void disconnect() {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            LOG.debugf("tunnel not closed reason=\"%s\"", e.getMessage());
        }
    }
}
