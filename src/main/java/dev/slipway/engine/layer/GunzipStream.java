package dev.slipway.engine.layer;

import dev.slipway.engine.codec.StreamInflater;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;

/// Inflates gzip, member after member, and checks each one's sum and length. After the last one only zeros may follow,
/// which tapes and block devices leave there; anything else is damage. Does not close what it reads. For one thread.
///
/// @spec https://www.rfc-editor.org/rfc/rfc1952 RFC 1952: GZIP file format
final class GunzipStream extends InputStream {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int HEADER_CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;
    private static final int DEFLATE = 8;

    private final InputStream packed;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final byte[] one = new byte[1];
    private final StreamInflater inflater = StreamInflater.fastest();
    private final CRC32 sum = new CRC32();
    private int start;
    private int end;
    private long length;
    private boolean isFirst = true;
    private boolean isInMember;
    private boolean isAtEnd;

    GunzipStream(InputStream packed) {
        this.packed = packed;
    }

    @Override
    public int read() throws IOException {
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int wanted) throws IOException {
        if (wanted == 0) {
            return 0;
        }
        while (isInMember || !isAtEnd && beginMember()) {
            int count = inflate(bytes, offset, wanted);
            if (count > 0) {
                sum.update(bytes, offset, count);
                length += count;
                return count;
            }
            if (inflater.isAtEnd()) {
                endMember();
            } else if (!refill()) {
                throw truncated();
            } else {
                inflater.input(buffer, start, end - start);
            }
        }
        return -1;
    }

    @Override
    public void close() {
        inflater.close();
    }

    private int inflate(byte[] bytes, int offset, int wanted) throws MalformedLayerException {
        try {
            return inflater.inflate(bytes, offset, wanted);
        } catch (DataFormatException e) {
            throw new MalformedLayerException("gzip: the stream is damaged: " + e.getMessage());
        }
    }

    /// @return false at the end of all members
    private boolean beginMember() throws IOException {
        if (!isFirst && isPadding()) {
            isAtEnd = true;
            return false;
        }
        isFirst = false;
        if (next() != 0x1f || next() != 0x8b || next() != DEFLATE) {
            throw new MalformedLayerException("gzip: something else is where a member must begin");
        }
        int flags = next();
        if ((flags & RESERVED) != 0) {
            throw new MalformedLayerException("gzip: a member has unknown flags");
        }
        skip(6);
        if ((flags & EXTRA) != 0) {
            skip(next() | next() << Byte.SIZE);
        }
        skipTexts(Integer.bitCount(flags & (NAME | COMMENT)));
        skip((flags & HEADER_CHECKSUM) != 0 ? 2 : 0);
        inflater.reset();
        inflater.input(buffer, start, end - start);
        sum.reset();
        length = 0;
        isInMember = true;
        return true;
    }

    private void endMember() throws IOException {
        start = end - inflater.unread();
        isInMember = false;
        if (number() != sum.getValue() || number() != (length & 0xffffffffL)) {
            throw new MalformedLayerException("gzip: a member is not what its sum and length say");
        }
    }

    /// Whether nothing but zeros is left; reads them.
    private boolean isPadding() throws IOException {
        while (start < end || refill()) {
            if (buffer[start] != 0) {
                return false;
            }
            start++;
        }
        return true;
    }

    private long number() throws IOException {
        return next() | (long) next() << 8 | (long) next() << 16 | (long) next() << 24;
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    private void skipTexts(int count) throws IOException {
        for (int ended = 0; ended < count; ) {
            if (next() == 0) {
                ended++;
            }
        }
    }

    private int next() throws IOException {
        if (start == end && !refill()) {
            throw truncated();
        }
        return buffer[start++] & 0xff;
    }

    /// What was read last stays before what is read now: the inflater may have held some of it without using it.
    private boolean refill() throws IOException {
        int kept = Math.min(end, StreamInflater.MOST_HELD_BYTES);
        System.arraycopy(buffer, end - kept, buffer, StreamInflater.MOST_HELD_BYTES - kept, kept);
        start = StreamInflater.MOST_HELD_BYTES;
        int count = packed.read(buffer, start, BUFFER_BYTES - start);
        end = start + Math.max(0, count);
        return end > start;
    }

    private static MalformedLayerException truncated() {
        return new MalformedLayerException("gzip: the stream is truncated");
    }
}
