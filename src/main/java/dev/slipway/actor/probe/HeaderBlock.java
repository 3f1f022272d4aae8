package dev.slipway.actor.probe;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Header fields as HTTP/2 packs them, without the dynamic table: we say that ours holds nothing, so nobody may use it.
/// Pure.
///
/// @spec https://www.rfc-editor.org/rfc/rfc7541 HPACK: Header Compression for HTTP/2
final class HeaderBlock {
    private static final int STATIC_ENTRIES = 61;
    private static final int FIRST_STATUS = 8;
    private static final String[] STATUSES = {"200", "204", "206", "304", "400", "404", "500"};

    private final byte[] block;
    private final Huffman huffman;
    private int at;

    private HeaderBlock(byte[] block, Huffman huffman) {
        this.block = block;
        this.huffman = huffman;
    }

    /// Fields with these names, in this order.
    static byte[] write(Map<String, String> fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        fields.forEach((name, value) -> {
            out.write(0);
            writeText(out, name);
            writeText(out, value);
        });
        return out.toByteArray();
    }

    private static void writeText(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        writeNumber(out, bytes.length, 7);
        out.writeBytes(bytes);
    }

    private static void writeNumber(ByteArrayOutputStream out, int number, int bits) {
        int most = (1 << bits) - 1;
        if (number < most) {
            out.write(number);
            return;
        }
        out.write(most);
        int rest = number - most;
        while (rest >= 0x80) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    /// The fields of a block; of the static table only `:status` is of interest, others are left out.
    static Map<String, String> read(byte[] block, Huffman huffman) throws IOException {
        HeaderBlock reader = new HeaderBlock(block, huffman);
        Map<String, String> fields = new LinkedHashMap<>();
        while (reader.at < block.length) {
            reader.field(fields);
        }
        return fields;
    }

    private void field(Map<String, String> fields) throws IOException {
        int first = block[at] & 0xff;
        if ((first & 0x80) != 0) {
            int index = index(7);
            if (index >= FIRST_STATUS && index < FIRST_STATUS + STATUSES.length) {
                fields.put(":status", STATUSES[index - FIRST_STATUS]);
            }
        } else if ((first & 0xe0) == 0x20) {
            number(5);
        } else {
            int index = index((first & 0x40) != 0 ? 6 : 4);
            String name = index == 0 ? text() : index == FIRST_STATUS ? ":status" : "";
            String value = text();
            if (!name.isEmpty()) {
                fields.put(name, value);
            }
        }
    }

    private int index(int bits) throws IOException {
        int index = number(bits);
        if (index > STATIC_ENTRIES) {
            throw new IOException("header field refers to a table that holds nothing");
        }
        return index;
    }

    private int number(int bits) throws IOException {
        int most = (1 << bits) - 1;
        int number = next() & most;
        if (number < most) {
            return number;
        }
        for (int shift = 0; shift < 28; shift += 7) {
            int more = next();
            number += (more & 0x7f) << shift;
            if ((more & 0x80) == 0) {
                return number;
            }
        }
        throw new IOException("number in header block is too large");
    }

    private String text() throws IOException {
        boolean isPacked = (peek() & 0x80) != 0;
        int length = number(7);
        if (length > block.length - at) {
            throw new IOException("text in header block is cut off");
        }
        byte[] bytes = new byte[length];
        System.arraycopy(block, at, bytes, 0, length);
        at += length;
        return isPacked ? huffman.unpack(bytes) : new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private int peek() throws IOException {
        if (at >= block.length) {
            throw new IOException("header block is cut off");
        }
        return block[at] & 0xff;
    }

    private int next() throws IOException {
        int next = peek();
        at++;
        return next;
    }
}
