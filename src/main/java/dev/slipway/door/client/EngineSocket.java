package dev.slipway.door.client;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/// A WebSocket to the engine. One thread receives; any may send.
///
/// @spec https://www.rfc-editor.org/rfc/rfc6455#section-5.2 RFC 6455: Base Framing Protocol
public final class EngineSocket implements Closeable {
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int CONTINUATION = 0;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int LONGEST_FRAME = 1 << 20;

    private final SocketChannel channel;
    private final DataInputStream in;

    EngineSocket(SocketChannel channel, InputStream in) {
        this.channel = channel;
        this.in = new DataInputStream(in);
    }

    /// Waits for the next piece of a message.
    ///
    /// @return empty when the engine has ended the conversation
    /// @throws EOFException when the connection broke
    public Optional<Piece> receive() throws IOException {
        try {
            return next();
        } catch (EOFException e) {
            throw new EOFException("the engine closed the connection");
        }
    }

    private Optional<Piece> next() throws IOException {
        while (true) {
            int first = in.readUnsignedByte();
            byte[] payload = new byte[length(in.readUnsignedByte() & 0x7f)];
            in.readFully(payload);
            switch (first & 0xf) {
                case CLOSE -> {
                    return Optional.empty();
                }
                case PING -> send(PONG, payload, payload.length);
                case PONG -> {}
                default -> {
                    return Optional.of(new Piece(payload, (first & 0xf) == CONTINUATION));
                }
            }
        }
    }

    /// @param continues the message of the piece before
    public record Piece(byte[] bytes, boolean continues) {}

    private int length(int shortForm) throws IOException {
        long length =
                switch (shortForm) {
                    case 126 -> in.readUnsignedShort();
                    case 127 -> in.readLong();
                    default -> shortForm;
                };
        if (length < 0 || length > LONGEST_FRAME) {
            throw new IOException("the engine sent a frame of %d bytes".formatted(length));
        }
        return (int) length;
    }

    /// Sends a whole message.
    public void send(byte[] message, int length) throws IOException {
        send(BINARY, message, length);
    }

    /// The mask, which keeps proxies from being fooled, is zero: there are none on a unix socket.
    private synchronized void send(int kind, byte[] payload, int length) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(14 + length).put((byte) (FINAL | kind));
        if (length < 126) {
            frame.put((byte) (MASKED | length));
        } else if (length <= 0xffff) {
            frame.put((byte) (MASKED | 126)).putShort((short) length);
        } else {
            frame.put((byte) (MASKED | 127)).putLong(length);
        }
        frame.putInt(0).put(payload, 0, length).flip();
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
