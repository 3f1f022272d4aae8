package dev.slipway.engine.codec;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/// Packs with gzip, one member without name and time: the same bytes always become the same bytes, as long as the
/// deflater is the same. [#finish] ends the member and leaves the stream below open; [#close] closes both.
///
/// @spec https://www.rfc-editor.org/rfc/rfc1952 RFC 1952: GZIP file format
public final class GzipStream extends DeflaterOutputStream {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final byte UNKNOWN_SYSTEM = (byte) 0xff;
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, UNKNOWN_SYSTEM};

    private final CRC32 sum = new CRC32();
    private boolean isFinished;

    /// Writes the header to `packed`.
    public GzipStream(OutputStream packed) throws IOException {
        super(packed, new Deflater(Deflater.DEFAULT_COMPRESSION, true), BUFFER_BYTES);
        packed.write(HEADER);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        super.write(bytes, offset, length);
        sum.update(bytes, offset, length);
    }

    @Override
    public void finish() throws IOException {
        if (isFinished) {
            return;
        }
        isFinished = true;
        super.finish();
        number(sum.getValue());
        number(def.getBytesRead());
        def.end();
    }

    private void number(long value) throws IOException {
        for (int i = 0; i < Integer.BYTES; i++) {
            out.write((int) (value >>> i * Byte.SIZE));
        }
    }
}
