package dev.slipway.door.pki;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// Writes the few ASN.1 values that a certificate is made of, in their distinguished encoding: tag, length, content.
///
/// @spec https://www.itu.int/rec/T-REC-X.690 ITU-T X.690: DER
final class Der {
    private static final Instant FIRST_GENERALIZED_TIME = Instant.parse("2050-01-01T00:00:00Z");
    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter GENERALIZED_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private Der() {}

    static byte[] sequence(byte[]... items) {
        return value(0x30, items);
    }

    static byte[] set(byte[]... items) {
        return value(0x31, items);
    }

    static byte[] bool(boolean truth) {
        return value(0x01, new byte[] {(byte) (truth ? 0xff : 0)});
    }

    static byte[] integer(BigInteger number) {
        return value(0x02, number.toByteArray());
    }

    /// A bit string of whole bytes.
    static byte[] bitString(byte[] bytes) {
        return value(0x03, new byte[] {0}, bytes);
    }

    /// A named-bit list such as key usage: `bits` counts from the left, trailing zero bits are left out as DER
    /// asks.
    static byte[] namedBits(int... bits) {
        int pattern = 0;
        int last = 0;
        for (int bit : bits) {
            pattern |= 0x80 >> bit;
            last = Math.max(last, bit);
        }
        return value(0x03, new byte[] {(byte) (7 - last), (byte) pattern});
    }

    static byte[] octetString(byte[] bytes) {
        return value(0x04, bytes);
    }

    static byte[] utf8(String text) {
        return value(0x0c, text.getBytes(StandardCharsets.UTF_8));
    }

    /// An object identifier in dotted form.
    static byte[] oid(String dotted) {
        String[] arcs = dotted.split("\\.");
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write(Integer.parseInt(arcs[0]) * 40 + Integer.parseInt(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            base128(content, Integer.parseInt(arcs[i]));
        }
        return value(0x06, content.toByteArray());
    }

    /// A time in whole seconds; years from 2050 need four digits.
    ///
    /// @spec https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5 RFC 5280: Validity
    static byte[] time(Instant instant) {
        return instant.isBefore(FIRST_GENERALIZED_TIME)
                ? value(0x17, UTC_TIME.format(instant).getBytes(StandardCharsets.US_ASCII))
                : value(0x18, GENERALIZED_TIME.format(instant).getBytes(StandardCharsets.US_ASCII));
    }

    /// A constructed context tag around whole values.
    static byte[] explicit(int tag, byte[]... items) {
        return value(0xa0 | tag, items);
    }

    /// A primitive context tag that replaces the tag of its content.
    static byte[] implicit(int tag, byte[] content) {
        return value(0x80 | tag, content);
    }

    private static byte[] value(int tag, byte[]... contents) {
        int length = 0;
        for (byte[] content : contents) {
            length += content.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 6);
        out.write(tag);
        length(out, length);
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }

    private static void length(ByteArrayOutputStream out, int length) {
        if (length < 0x80) {
            out.write(length);
            return;
        }
        byte[] bytes = BigInteger.valueOf(length).toByteArray();
        int skip = bytes[0] == 0 ? 1 : 0;
        out.write(0x80 | bytes.length - skip);
        out.write(bytes, skip, bytes.length - skip);
    }

    private static void base128(ByteArrayOutputStream out, int arc) {
        int shift = 28;
        while (shift > 0 && arc >>> shift == 0) {
            shift -= 7;
        }
        for (; shift > 0; shift -= 7) {
            out.write(0x80 | arc >>> shift & 0x7f);
        }
        out.write(arc & 0x7f);
    }
}
