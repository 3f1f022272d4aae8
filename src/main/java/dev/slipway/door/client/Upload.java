package dev.slipway.door.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Sends a body in chunks while somebody else waits for the answer, which may come first: an engine that refuses a body
/// does not read it to its end. Run by one thread; any may ask for its failure.
final class Upload implements Runnable {
    private static final int CHUNK_BYTES = 64 * 1024;
    private static final byte[] END_OF_LINE = {'\r', '\n'};

    private final SocketChannel channel;
    private final InputStream body;
    private volatile @Nullable IOException failure;

    Upload(SocketChannel channel, InputStream body) {
        this.channel = channel;
        this.body = body;
    }

    @Override
    public void run() {
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            for (int count = read(chunk); count >= 0; count = read(chunk)) {
                if (count > 0) {
                    write((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                    write(ByteBuffer.wrap(chunk, 0, count));
                    write(END_OF_LINE);
                }
            }
            if (failure == null) {
                write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            } else {
                channel.shutdownOutput();
            }
        } catch (IOException e) {
            // The engine takes no more: its answer says why, or that it has gone.
            return;
        }
    }

    /// @return -1 at the end, and when there is a failure
    private int read(byte[] chunk) {
        try {
            return body.read(chunk);
        } catch (IOException e) {
            failure = e;
            return -1;
        }
    }

    private void write(byte[] bytes) throws IOException {
        write(ByteBuffer.wrap(bytes));
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// @throws IOException when the body could not be read, so that the engine got a part of it only
    void throwFailure() throws IOException {
        IOException unread = failure;
        if (unread != null) {
            throw unread;
        }
    }
}
