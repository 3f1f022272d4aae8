package dev.slipway.engine.layer;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;

/// Inflates zstd, frame after frame; windows of more than 128 MiB are refused. For one thread.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8878 RFC 8878: Zstandard
final class UnzstdStream extends InputStream {
    private final ZstdInputStreamNoFinalizer frames;
    private final byte[] one = new byte[1];

    UnzstdStream(InputStream packed) throws IOException {
        frames = new ZstdInputStreamNoFinalizer(packed);
    }

    @Override
    public int read() throws IOException {
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
            return frames.read(bytes, offset, length);
        } catch (ZstdIOException e) {
            throw new MalformedLayerException("zstd: " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        frames.close();
    }
}
