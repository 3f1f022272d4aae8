package dev.slipway.engine.layer;

import java.util.Arrays;

/// One header block of a tar archive, its fields where POSIX and GNU have them. The checksum is right.
///
/// @spec https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 POSIX: ustar
/// @spec https://www.gnu.org/software/tar/manual/html_node/Standard.html GNU tar: basic format
record TarHeader(byte[] block) {
    static final int BLOCK_BYTES = 512;

    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_END = 156;
    private static final byte[] POSIX = {'u', 's', 't', 'a', 'r', 0};
    private static final byte[] STAR = {'t', 'a', 'r', 0};

    /// @throws MalformedLayerException when the checksum is wrong, which is how anything but an archive ends
    static TarHeader of(byte[] block) throws MalformedLayerException {
        long stored = TarNumbers.parse(block, CHECKSUM, 8);
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < BLOCK_BYTES; i++) {
            byte value = i >= CHECKSUM && i < CHECKSUM_END ? (byte) ' ' : block[i];
            unsigned += value & 0xff;
            signed += value;
        }
        if (stored != unsigned && stored != signed) {
            throw new MalformedLayerException("not a tar header: its checksum is wrong");
        }
        return new TarHeader(block);
    }

    char type() {
        return (char) (block[156] & 0xff);
    }

    /// Name with prefix, as the header alone has it.
    byte[] name() {
        byte[] name = text(0, 100);
        byte[] prefix = prefix();
        if (prefix.length == 0) {
            return name;
        }
        byte[] whole = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        whole[prefix.length] = '/';
        System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
        return whole;
    }

    byte[] link() {
        return text(157, 100);
    }

    long mode() throws MalformedLayerException {
        return TarNumbers.parse(block, 100, 8);
    }

    long uid() throws MalformedLayerException {
        return TarNumbers.parse(block, 108, 8);
    }

    long gid() throws MalformedLayerException {
        return TarNumbers.parse(block, 116, 8);
    }

    long size() throws MalformedLayerException {
        return TarNumbers.parse(block, 124, 12);
    }

    long seconds() throws MalformedLayerException {
        return TarNumbers.parse(block, 136, 12);
    }

    long deviceMajor() throws MalformedLayerException {
        return TarNumbers.parse(block, 329, 8);
    }

    long deviceMinor() throws MalformedLayerException {
        return TarNumbers.parse(block, 337, 8);
    }

    private byte[] prefix() {
        if (!Arrays.equals(block, 257, 257 + POSIX.length, POSIX, 0, POSIX.length)) {
            return new byte[0];
        }
        boolean star = Arrays.equals(block, 508, BLOCK_BYTES, STAR, 0, STAR.length);
        return text(345, star ? 131 : 155);
    }

    private byte[] text(int offset, int length) {
        int end = offset;
        while (end < offset + length && block[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(block, offset, end);
    }
}
