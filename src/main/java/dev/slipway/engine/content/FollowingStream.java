package dev.slipway.engine.content;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// Reads a file that is still being written, from its first byte to its last. For one thread.
final class FollowingStream extends InputStream {
    private final FileChannel channel;
    private final Growth growth;
    private final int since;
    private final byte[] one = new byte[1];
    private long position;

    FollowingStream(FileChannel channel, Growth growth) {
        this.channel = channel;
        this.growth = growth;
        this.since = growth.restarts();
    }

    @Override
    public int read() throws IOException {
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        long available = growth.await(position, since);
        if (available == 0) {
            return -1;
        }
        int count = channel.read(ByteBuffer.wrap(bytes, offset, (int) Math.min(length, available)));
        if (count < 0) {
            throw new IOException("the file of the blob was cut at " + position + " bytes");
        }
        position += count;
        return count;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
