package dev.slipway.door.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/// A sink as a stream, for those who write to streams.
public final class SinkStream extends OutputStream {
    private final Sink sink;

    public SinkStream(Sink sink) {
        this.sink = sink;
    }

    @Override
    public void write(int value) throws IOException {
        sink.write(new byte[] {(byte) value});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        sink.write(Arrays.copyOfRange(bytes, offset, offset + length));
    }
}
