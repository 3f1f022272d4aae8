package dev.slipway.door.client;

import java.io.IOException;
import java.io.InputStream;

/// A chunked body, as watches and followed logs have. Returns what has arrived without waiting for a full buffer.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9112#section-7.1 RFC 9112: Chunked Transfer Coding
final class ChunkedBody extends InputStream {
    private final InputStream in;
    private InputStream chunk = InputStream.nullInputStream();
    private boolean started;
    private boolean ended;

    ChunkedBody(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        while (!ended) {
            int count = chunk.read(buffer, offset, length);
            if (count >= 0) {
                return count;
            }
            nextChunk();
        }
        return -1;
    }

    private void nextChunk() throws IOException {
        if (started) {
            EngineResponse.line(in);
        }
        started = true;
        String size = EngineResponse.line(in).split(";", 2)[0].trim();
        long length = Long.parseLong(size, 16);
        ended = length == 0;
        chunk = new FixedBody(in, length);
    }
}
