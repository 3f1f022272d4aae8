package dev.slipway.door.spdy;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// Header blocks of one connection. All blocks of a direction are one compressed stream, so each has to be read, and
/// each that is written has to be sent, in order. Used by one thread at a time.
final class HeaderBlocks implements AutoCloseable {
    private static final int LONGEST_BYTES = 64 * 1024;
    private static final int MOST = 256;

    private final Inflater inflater = new Inflater();
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    private final byte[] dictionary = SpdyDictionary.bytes();

    HeaderBlocks() {
        deflater.setDictionary(dictionary);
    }

    /// The names, in lower case, and values of a block.
    Map<String, String> read(ByteBuffer block) throws MalformedSpdyException {
        try {
            return parse(ByteBuffer.wrap(inflate(block)));
        } catch (DataFormatException e) {
            throw new MalformedSpdyException("a header block cannot be decompressed: " + e.getMessage());
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new MalformedSpdyException("a header block ends early");
        }
    }

    private byte[] inflate(ByteBuffer block) throws DataFormatException, MalformedSpdyException {
        byte[] bytes = new byte[1024];
        int size = 0;
        inflater.setInput(block);
        while (true) {
            int count = inflater.inflate(bytes, size, bytes.length - size);
            size += count;
            if (inflater.needsDictionary()) {
                inflater.setDictionary(dictionary);
            } else if (size == LONGEST_BYTES) {
                throw new MalformedSpdyException("a header block is longer than " + LONGEST_BYTES + " bytes");
            } else if (size == bytes.length) {
                bytes = Arrays.copyOf(bytes, 4 * bytes.length);
            } else if (count == 0) {
                return Arrays.copyOf(bytes, size);
            }
        }
    }

    private static Map<String, String> parse(ByteBuffer bytes) throws MalformedSpdyException {
        Map<String, String> headers = new LinkedHashMap<>();
        int pairs = bytes.getInt();
        if (pairs < 0 || pairs > MOST) {
            throw new MalformedSpdyException("a header block has more than " + MOST + " headers");
        }
        for (int i = 0; i < pairs; i++) {
            headers.put(text(bytes), text(bytes));
        }
        return headers;
    }

    private static String text(ByteBuffer bytes) {
        int length = bytes.getInt();
        String text = StandardCharsets.UTF_8
                .decode(bytes.slice(bytes.position(), length))
                .toString();
        bytes.position(bytes.position() + length);
        return text;
    }

    byte[] write(Map<String, String> headers) {
        ByteBuffer plain = ByteBuffer.allocate(LONGEST_BYTES).putInt(headers.size());
        headers.forEach((name, value) -> {
            put(plain, name);
            put(plain, value);
        });
        byte[] block = new byte[plain.position() + 64];
        deflater.setInput(plain.flip());
        int size = deflater.deflate(block, 0, block.length, Deflater.SYNC_FLUSH);
        return Arrays.copyOf(block, size);
    }

    private static void put(ByteBuffer plain, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        plain.putInt(bytes.length).put(bytes);
    }

    @Override
    public void close() {
        inflater.end();
        deflater.end();
    }
}
