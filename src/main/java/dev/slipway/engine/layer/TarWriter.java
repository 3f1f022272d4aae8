package dev.slipway.engine.layer;

import dev.slipway.engine.layer.TarEntry.Kind;
import dev.slipway.engine.linux.FileStat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// Writes a tar archive: ustar, with an extended header only before entries that ustar cannot hold. What it writes
/// depends on nothing but the entries. For one thread; does not close what it writes to.
///
/// @spec https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13 POSIX: pax interchange format
/// @spec https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html GNU tar: PAX format 1.0
public final class TarWriter {
    private static final int NAME_BYTES = 100;
    private static final int PREFIX_BYTES = 155;
    private static final long HIGHEST_ID = 07777777;
    private static final long HIGHEST_NUMBER = 077777777777L;
    private static final byte[] ZEROS = new byte[2 * TarHeader.BLOCK_BYTES];
    private static final byte[] NONE = {};
    private static final byte[] SPARSE_DIRECTORY = "GNUSparseFile.0/".getBytes(StandardCharsets.US_ASCII);
    private static final int PLAIN_MODE = 0644;
    private static final int CHUNK_BYTES = 1 << 16;

    private final OutputStream archive;
    private int padding;

    public TarWriter(OutputStream archive) {
        this.archive = archive;
    }

    /// Begins an entry; exactly `entry.bytes()` of [#content] must follow. Of a sparse file that is what its
    /// segments have, which must be of whole blocks, but for the last.
    public void begin(TarEntry entry) throws IOException {
        endContent();
        byte[] map = map(entry);
        Names names = Names.split(entry.sparse() == null ? entry.name() : placeholder(entry.name()));
        byte[] records = records(entry, names, map.length);
        if (records.length > 0) {
            archive.write(extendedHeader(entry, records.length));
            archive.write(records);
            archive.write(ZEROS, 0, padding(records.length));
        }
        archive.write(header(entry, names, map.length));
        archive.write(map);
        padding = padding(entry.bytes());
    }

    public void content(byte[] bytes, int offset, int length) throws IOException {
        archive.write(bytes, offset, length);
    }

    /// A plain file that belongs to root and has no age.
    ///
    /// @param sizeBytes how many bytes `from` has; another number is an error
    public void file(String name, long sizeBytes, InputStream from) throws IOException {
        begin(new TarEntry(
                TarEntry.Kind.FILE,
                name.getBytes(StandardCharsets.UTF_8),
                NONE,
                PLAIN_MODE,
                new TarEntry.Owner(0, 0),
                TarEntry.Time.ZERO,
                0,
                sizeBytes,
                null,
                Map.of()));
        byte[] chunk = new byte[CHUNK_BYTES];
        long left = sizeBytes;
        for (int count = from.read(chunk); count >= 0; count = from.read(chunk)) {
            left -= count;
            if (left < 0) {
                break;
            }
            content(chunk, 0, count);
        }
        if (left != 0) {
            throw new IOException("write %s: it does not have %d bytes".formatted(name, sizeBytes));
        }
    }

    /// Ends the archive.
    public void end() throws IOException {
        endContent();
        archive.write(ZEROS);
    }

    /// A name as ustar's two fields hold it, or cut and to be given in full by an extended header.
    private record Names(byte[] prefix, byte[] name, boolean isCut) {
        static Names split(byte[] whole) {
            if (whole.length <= NAME_BYTES) {
                return new Names(NONE, whole, false);
            }
            for (int slash = whole.length - NAME_BYTES - 1;
                    slash < whole.length - 1 && slash <= PREFIX_BYTES;
                    slash++) {
                if (slash > 0 && whole[slash] == '/') {
                    return new Names(
                            Arrays.copyOf(whole, slash), Arrays.copyOfRange(whole, slash + 1, whole.length), false);
                }
            }
            return new Names(NONE, Arrays.copyOf(whole, NAME_BYTES), true);
        }
    }

    private static byte[] map(TarEntry entry) {
        SparseMap sparse = entry.sparse();
        return sparse == null ? NONE : sparse.text();
    }

    /// What a program that knows no sparse files calls one, so that nobody takes it for the file. GNU tar has the
    /// number of a process in it.
    private static byte[] placeholder(byte[] name) {
        int last = name.length;
        while (last > 0 && name[last - 1] != '/') {
            last--;
        }
        ByteArrayOutputStream placeholder = new ByteArrayOutputStream(name.length + SPARSE_DIRECTORY.length);
        placeholder.write(name, 0, last);
        placeholder.writeBytes(SPARSE_DIRECTORY);
        placeholder.write(name, last, name.length - last);
        return placeholder.toByteArray();
    }

    private static byte[] records(TarEntry entry, Names names, int mapBytes) {
        Map<String, byte[]> records = new TreeMap<>();
        SparseMap sparse = entry.sparse();
        if (sparse != null) {
            putText(records, "GNU.sparse.major", "1");
            putText(records, "GNU.sparse.minor", "0");
            records.put("GNU.sparse.name", entry.name());
            putText(records, "GNU.sparse.realsize", Long.toString(sparse.size()));
        } else if (names.isCut()) {
            records.put("path", entry.name());
        }
        if (entry.link().length > NAME_BYTES) {
            records.put("linkpath", entry.link());
        }
        putNumber(records, "uid", entry.owner().uid(), HIGHEST_ID);
        putNumber(records, "gid", entry.owner().gid(), HIGHEST_ID);
        putNumber(records, "size", mapBytes + entry.bytes(), HIGHEST_NUMBER);
        putNumber(records, "mtime", entry.time().seconds(), HIGHEST_NUMBER);
        entry.attributes().forEach((attribute, value) -> records.put("SCHILY.xattr." + attribute, value));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        records.forEach((keyword, value) -> bytes.writeBytes(record(keyword, value)));
        return bytes.toByteArray();
    }

    private static void putNumber(Map<String, byte[]> records, String keyword, long value, long highest) {
        if (value < 0 || value > highest) {
            putText(records, keyword, Long.toString(value));
        }
    }

    private static void putText(Map<String, byte[]> records, String keyword, String value) {
        records.put(keyword, value.getBytes(StandardCharsets.US_ASCII));
    }

    /// The length in front counts the whole record, itself too.
    private static byte[] record(String keyword, byte[] value) {
        byte[] word = keyword.getBytes(StandardCharsets.UTF_8);
        int rest = 1 + word.length + 1 + value.length + 1;
        int length = rest + Integer.toString(rest).length();
        length = rest + Integer.toString(length).length();
        ByteArrayOutputStream record = new ByteArrayOutputStream(length);
        record.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
        record.writeBytes(word);
        record.write('=');
        record.writeBytes(value);
        record.write('\n');
        return record.toByteArray();
    }

    private static byte[] extendedHeader(TarEntry entry, int length) {
        byte[] name = entry.name();
        byte[] prefix = "PaxHeaders/".getBytes(StandardCharsets.US_ASCII);
        int some = Math.min(name.length, NAME_BYTES - prefix.length);
        byte[] block = new byte[TarHeader.BLOCK_BYTES];
        put(block, 0, prefix);
        System.arraycopy(name, 0, block, prefix.length, some);
        putOctal(block, 100, 8, 0644);
        putOctal(block, 108, 8, 0);
        putOctal(block, 116, 8, 0);
        putOctal(block, 124, 12, length);
        putOctal(block, 136, 12, 0);
        return finished(block, 'x');
    }

    private static byte[] header(TarEntry entry, Names names, int mapBytes) {
        byte[] block = new byte[TarHeader.BLOCK_BYTES];
        put(block, 0, names.name());
        putOctal(block, 100, 8, entry.mode());
        putOctal(block, 108, 8, within(entry.owner().uid(), HIGHEST_ID));
        putOctal(block, 116, 8, within(entry.owner().gid(), HIGHEST_ID));
        putOctal(block, 124, 12, within(mapBytes + entry.bytes(), HIGHEST_NUMBER));
        putOctal(block, 136, 12, within(entry.time().seconds(), HIGHEST_NUMBER));
        put(block, 157, Arrays.copyOf(entry.link(), Math.min(NAME_BYTES, entry.link().length)));
        if (entry.kind() == Kind.CHARACTER_DEVICE || entry.kind() == Kind.BLOCK_DEVICE) {
            putOctal(block, 329, 8, FileStat.major(entry.device()));
            putOctal(block, 337, 8, FileStat.minor(entry.device()));
        }
        put(block, 345, names.prefix());
        return finished(block, type(entry.kind()));
    }

    private static char type(Kind kind) {
        return switch (kind) {
            case FILE -> '0';
            case HARD_LINK -> '1';
            case SYMLINK -> '2';
            case CHARACTER_DEVICE -> '3';
            case BLOCK_DEVICE -> '4';
            case DIRECTORY -> '5';
            case FIFO -> '6';
        };
    }

    private static byte[] finished(byte[] block, char type) {
        block[156] = (byte) type;
        put(block, 257, "ustar\00000".getBytes(StandardCharsets.US_ASCII));
        Arrays.fill(block, 148, 156, (byte) ' ');
        long sum = 0;
        for (byte one : block) {
            sum += one & 0xff;
        }
        putOctal(block, 148, 7, sum);
        return block;
    }

    private void endContent() throws IOException {
        archive.write(ZEROS, 0, padding);
        padding = 0;
    }

    private static int padding(long length) {
        return (int) (-length & TarHeader.BLOCK_BYTES - 1);
    }

    /// A number that does not fit is in the extended header; then the field says 0.
    private static long within(long value, long highest) {
        return value < 0 || value > highest ? 0 : value;
    }

    private static void put(byte[] block, int offset, byte[] bytes) {
        System.arraycopy(bytes, 0, block, offset, bytes.length);
    }

    /// Digits up to the last byte of the field, which is a NUL.
    private static void putOctal(byte[] block, int offset, int length, long value) {
        long rest = value;
        for (int i = offset + length - 2; i >= offset; i--) {
            block[i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
        block[offset + length - 1] = 0;
    }
}
