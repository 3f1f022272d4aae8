package dev.slipway.door.streams;

import dev.slipway.door.http.MessageSocket;
import dev.slipway.door.spdy.SpdyDecoder;
import dev.slipway.door.spdy.SpdyEncoder;
import dev.slipway.door.spdy.SpdyEncoder.ResetReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A client whose channels are streams of one SPDY connection. It opens them all, each accepted at once, before
/// anything begins; the stream for errors carries the `Status`.
///
/// Thread-safe as its socket is, and by a lock on who closes the decoder; frames are taken by one task at a time, first
/// by the one that begins, then by the one that listens.
final class SpdyLine implements ClientLine, SpdyDecoder.Frames {
    static final String PROTOCOL = "v4.channel.k8s.io";
    private static final String ERROR = "error";
    private static final String STDIN = "stdin";
    private static final String STDOUT = "stdout";
    private static final String STDERR = "stderr";
    private static final String RESIZE = "resize";
    private static final Set<String> TYPES = Set.of(ERROR, STDIN, STDOUT, STDERR, RESIZE);
    private static final int LONGEST_SIZE = 1024;
    private static final int MOST_EARLY_BYTES = 1 << 20;

    private final MessageSocket socket;
    private final Set<String> expected;
    private final Duration beginLimit;
    private final SpdyClient client;
    private final SpdyDecoder decoder = new SpdyDecoder(this);
    private final Map<String, Integer> streams = new ConcurrentHashMap<>();
    private final ByteArrayOutputStream early = new ByteArrayOutputStream();
    private final ByteArrayOutputStream size = new ByteArrayOutputStream();
    private boolean endsEarly;
    private @Nullable Input input;
    private boolean goneAway;
    private boolean listens;
    private boolean closed;

    /// @param expected types of the streams that the client opens beside the one for errors
    /// @param beginLimit how long it may take to open them
    SpdyLine(MessageSocket socket, Set<String> expected, Duration beginLimit) {
        this.socket = socket;
        this.beginLimit = beginLimit;
        this.expected = Set.copyOf(expected);
        this.client = new SpdyClient(socket);
    }

    /// The streams that a client opens who wants these.
    static Set<String> expected(ContainerSessions.Wanted wanted, boolean terminal) {
        Set<String> types = new HashSet<>();
        types.add(ERROR);
        if (wanted.stdin()) {
            types.add(STDIN);
        }
        if (wanted.stdout()) {
            types.add(STDOUT);
        }
        if (wanted.stderr()) {
            types.add(STDERR);
        }
        if (terminal) {
            types.add(RESIZE);
        }
        return Set.copyOf(types);
    }

    @Override
    public void begin() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + beginLimit.toNanos();
        while (!streams.keySet().containsAll(expected)) {
            if (goneAway || !take(socket.receive(Duration.ofNanos(deadline - System.nanoTime())))) {
                throw new IOException("the client has gone before it opened its streams");
            }
        }
    }

    @Override
    public void listen(Input listener) throws IOException, InterruptedException {
        synchronized (decoder) {
            if (closed) {
                return;
            }
            listens = true;
        }
        try {
            hear(listener);
        } finally {
            decoder.close();
        }
    }

    private void hear(Input listener) throws IOException, InterruptedException {
        input = listener;
        if (early.size() > 0) {
            listener.stdin(ByteBuffer.wrap(early.toByteArray()));
            early.reset();
        }
        if (endsEarly) {
            listener.endOfStdin();
        }
        while (!goneAway && take(socket.receive())) {
            // What it says is passed on.
        }
    }

    private boolean take(Optional<MessageSocket.Frame> frame) throws IOException, InterruptedException {
        if (frame.isPresent()) {
            decoder.take(frame.get().payload());
        }
        return frame.isPresent();
    }

    @Override
    public void pump(int channel, InputStream from) throws IOException {
        int stream = stream(channel == Channel.STDERR ? STDERR : STDOUT);
        client.pump(stream, from);
        client.send(SpdyEncoder.end(stream));
    }

    /// Streams on which nothing was sent end with the connection.
    @Override
    public void finish(byte[] status) throws IOException {
        int stream = stream(ERROR);
        byte[] frame = new byte[SpdyEncoder.DATA_HEADER_BYTES + status.length];
        System.arraycopy(status, 0, frame, SpdyEncoder.DATA_HEADER_BYTES, status.length);
        SpdyEncoder.putDataHeader(frame, stream, status.length, true);
        client.send(frame);
    }

    private int stream(String type) {
        return Objects.requireNonNull(streams.get(type), type);
    }

    @Override
    public void open(int stream, Map<String, String> headers) throws IOException {
        String type = headers.getOrDefault("streamtype", "");
        if (TYPES.contains(type) && streams.putIfAbsent(type, stream) == null) {
            client.accept(stream);
        } else {
            client.send(SpdyEncoder.reset(stream, ResetReason.REFUSED));
        }
    }

    @Override
    public void data(int stream, ByteBuffer bytes) throws IOException {
        if (isOf(STDIN, stream)) {
            if (input != null) {
                input.stdin(bytes);
            } else if (early.size() + bytes.remaining() > MOST_EARLY_BYTES) {
                throw new IOException("the client sends before it has opened its streams");
            } else {
                early.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            }
        } else if (isOf(RESIZE, stream)) {
            resize(bytes);
        }
    }

    /// A size is a line.
    private void resize(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next != '\n') {
                size.write(next);
            } else {
                Optional<TerminalSize> wanted = TerminalSize.parse(size.toByteArray());
                size.reset();
                if (wanted.isPresent() && input != null) {
                    input.resize(wanted.get().rows(), wanted.get().columns());
                }
            }
            if (size.size() > LONGEST_SIZE) {
                throw new IOException("the terminal's size is longer than " + LONGEST_SIZE + " bytes");
            }
        }
    }

    @Override
    public void end(int stream) throws IOException {
        if (isOf(STDIN, stream)) {
            endsEarly = input == null;
            if (input != null) {
                input.endOfStdin();
            }
        }
    }

    @Override
    public void reset(int stream) throws IOException {
        end(stream);
    }

    private boolean isOf(String type, int stream) {
        return Objects.equals(streams.get(type), stream);
    }

    @Override
    public void ping(int id) throws IOException {
        // One of ours comes back, which says all that it was for.
        if ((id & 1) != 0) {
            client.send(SpdyEncoder.ping(id));
        }
    }

    @Override
    public void goAway() {
        goneAway = true;
    }

    /// Who listens goes on until the client has gone.
    @Override
    public void close() {
        synchronized (decoder) {
            closed = true;
            if (!listens) {
                decoder.close();
            }
        }
        client.close();
    }
}
