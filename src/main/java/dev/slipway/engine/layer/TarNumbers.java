package dev.slipway.engine.layer;

/// Reads the numbers of tar headers: octal digits, or base 256 when the first bit is set.
///
/// @spec https://www.gnu.org/software/tar/manual/html_node/Extensions.html GNU tar: base-256
final class TarNumbers {
    private static final int BASE_256 = 0x80;
    private static final int NEGATIVE = 0x40;
    private static final int OCTAL_BITS = 3;

    private TarNumbers() {}

    /// The number in `length` bytes of `block` from `offset`; an empty field is 0.
    static long parse(byte[] block, int offset, int length) throws MalformedLayerException {
        return (block[offset] & BASE_256) == 0 ? octal(block, offset, length) : base256(block, offset, length);
    }

    private static long base256(byte[] block, int offset, int length) throws MalformedLayerException {
        boolean negative = (block[offset] & NEGATIVE) != 0;
        long value = negative ? -1 : 0;
        int first = block[offset] & (NEGATIVE - 1) | (negative ? -NEGATIVE : 0);
        value = value << Byte.SIZE | first & 0xff;
        for (int i = offset + 1; i < offset + length; i++) {
            if (value > Long.MAX_VALUE >> Byte.SIZE || value < Long.MIN_VALUE >> Byte.SIZE) {
                throw new MalformedLayerException("a number in a header is too large");
            }
            value = value << Byte.SIZE | block[i] & 0xff;
        }
        return value;
    }

    private static long octal(byte[] block, int offset, int length) throws MalformedLayerException {
        int at = offset;
        int end = offset + length;
        while (at < end && isBlank(block[at])) {
            at++;
        }
        long value = 0;
        for (; at < end && !isBlank(block[at]); at++) {
            int digit = block[at] - '0';
            if (digit < 0 || digit > 7 || value > Long.MAX_VALUE >> OCTAL_BITS) {
                throw new MalformedLayerException("a number in a header is not octal");
            }
            value = value << OCTAL_BITS | digit;
        }
        for (; at < end && block[at] != 0; at++) {
            if (block[at] != ' ') {
                throw new MalformedLayerException("a number in a header is not octal");
            }
        }
        return value;
    }

    private static boolean isBlank(byte character) {
        return character == ' ' || character == 0;
    }
}
