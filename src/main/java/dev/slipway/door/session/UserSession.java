package dev.slipway.door.session;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.EngineSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Joins this command's streams with a session, until that ends.
///
/// @param stdin what to pass on; null passes nothing on
/// @param terminal whether this command's terminal becomes that of the session
/// @param detach what is typed to leave the process alone
public record UserSession(
        @Nullable InputStream stdin, PrintStream stdout, PrintStream stderr, boolean terminal, DetachKeys detach) {
    private static final String PROTOCOL = "v5.channel.k8s.io";
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int STATUS = 3;
    private static final int RESIZE = 4;
    private static final byte CLOSE = (byte) 255;
    private static final int CHUNK_BYTES = 16 * 1024;
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    /// @param path of `exec` or `attach`, with its query
    /// @return the exit code of the process; 0 when the user has detached
    /// @throws IOException when there is no such session, or it broke
    public int run(EngineClient engine, String path) throws IOException {
        if (!terminal) {
            return converse(engine, path, Optional.empty());
        }
        try (RawTerminal raw = RawTerminal.open(stdin != null)) {
            return converse(engine, path, Optional.of(raw));
        }
    }

    private int converse(EngineClient engine, String path, Optional<RawTerminal> raw) throws IOException {
        AtomicBoolean detached = new AtomicBoolean();
        try (EngineSocket socket = engine.converse(path, PROTOCOL)) {
            if (raw.isPresent()) {
                // The first size goes ahead of what is typed.
                Optional<RawTerminal.Size> size = passSizeOn(socket, raw.get(), Optional.empty());
                Thread.ofVirtual().start(() -> passSizesOn(socket, raw.get(), size));
            }
            if (stdin != null) {
                Thread.ofVirtual().start(() -> passOn(stdin, socket, detached));
            }
            return exitCode(receive(socket));
        } catch (IOException e) {
            if (detached.get()) {
                return 0;
            }
            throw e;
        }
    }

    /// @return the `Status` that it ended with
    private byte[] receive(EngineSocket socket) throws IOException {
        ByteArrayOutputStream status = new ByteArrayOutputStream();
        int channel = STDOUT;
        for (Optional<EngineSocket.Piece> piece = socket.receive(); piece.isPresent(); piece = socket.receive()) {
            byte[] bytes = piece.get().bytes();
            int begin = piece.get().continues() ? 0 : 1;
            channel = begin == 1 ? bytes[0] : channel;
            switch (channel) {
                case STDOUT -> write(stdout, bytes, begin);
                case STDERR -> write(stderr, bytes, begin);
                case STATUS -> status.write(bytes, begin, bytes.length - begin);
                default -> throw new IOException("the engine sent something on channel " + channel);
            }
        }
        return status.toByteArray();
    }

    private static void write(PrintStream to, byte[] bytes, int begin) {
        to.write(bytes, begin, bytes.length - begin);
        to.flush();
    }

    static int exitCode(byte[] status) throws IOException {
        JsonNode read = ObjectCodec.readObject(status);
        if (read.path("status").asText().equals("Success")) {
            return 0;
        }
        if (read.path("reason").asText().equals("NonZeroExitCode")) {
            return Integer.parseInt(read.at("/details/causes/0/message").asText());
        }
        throw new IOException(read.path("message").asText());
    }

    private void passOn(InputStream from, EngineSocket socket, AtomicBoolean detached) {
        byte[] read = new byte[CHUNK_BYTES];
        try {
            for (int count = from.read(read); count >= 0; count = from.read(read)) {
                Optional<byte[]> passed = detach.passed(read, count);
                if (passed.isEmpty()) {
                    detached.set(true);
                    stderr.print("\r\ndetached\r\n");
                    socket.close();
                    return;
                }
                socket.send(message(STDIN, passed.get()), 1 + passed.get().length);
            }
            socket.send(new byte[] {CLOSE, STDIN}, 2);
        } catch (IOException e) {
            // The session has ended; who receives knows why.
            return;
        }
    }

    private static byte[] message(int channel, byte[] content) {
        return ByteBuffer.allocate(1 + content.length)
                .put((byte) channel)
                .put(content)
                .array();
    }

    /// A JVM hears of no change of a terminal's size, so somebody has to look.
    private static void passSizesOn(EngineSocket socket, RawTerminal terminal, Optional<RawTerminal.Size> first) {
        Optional<RawTerminal.Size> known = first;
        try {
            while (true) {
                LockSupport.parkNanos(LOOK_AGAIN.toNanos());
                known = passSizeOn(socket, terminal, known);
            }
        } catch (IOException e) {
            // The session has ended; who receives knows why.
            return;
        }
    }

    private static Optional<RawTerminal.Size> passSizeOn(
            EngineSocket socket, RawTerminal terminal, Optional<RawTerminal.Size> known) throws IOException {
        Optional<RawTerminal.Size> size = terminal.size();
        if (size.isPresent() && !size.equals(known)) {
            byte[] message = "%c{\"Width\":%d,\"Height\":%d}"
                    .formatted(RESIZE, size.get().columns(), size.get().rows())
                    .getBytes(StandardCharsets.US_ASCII);
            socket.send(message, message.length);
        }
        return size;
    }
}
