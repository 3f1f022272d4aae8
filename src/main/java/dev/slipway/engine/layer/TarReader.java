package dev.slipway.engine.layer;

import dev.slipway.engine.linux.FileStat;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads a tar archive from first to last: ustar, pax, old and new GNU, star. Bounded in memory whatever the archive
/// says. For one thread.
///
/// Where formats leave a choice it reads as Go's `archive/tar` does, because nearly all layers were written, or will be
/// read, by that: global extended headers are checked and not applied; a GNU long name wins over a pax path; links
/// have no content; an archive may end without its two zero blocks, but not within an entry.
///
/// @spec https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13 POSIX: pax interchange format
public final class TarReader {
    /// Longest extended header, long name, or map of a sparse file.
    static final int LONGEST_SPECIAL = 1 << 20;

    private static final int BUFFER_BYTES = 1 << 17;
    private static final int DEVICE_MAJORS = 1 << 12;
    private static final int DEVICE_MINORS = 1 << 20;
    private static final int GNU_MAP = 386;
    private static final int GNU_MAP_SEGMENTS = 4;
    private static final int GNU_MORE = 482;
    private static final int GNU_REAL_SIZE = 483;
    private static final int MORE_SEGMENTS = 21;
    private static final int MORE_MORE = 504;
    private static final int NUMBER_BYTES = 12;

    private final InputStream archive;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int start;
    private int end;

    /// Content of the present entry that was not read, and what follows it up to a whole block.
    private long left;

    private int padding;

    public TarReader(InputStream archive) {
        this.archive = archive;
    }

    /// Takes content as it comes.
    public interface Sink {
        void write(byte[] bytes, int offset, int length) throws IOException;
    }

    /// The next entry, after what is left of the present one was passed over; null at the end of the archive.
    public @Nullable TarEntry next() throws IOException {
        Extensions extensions = new Extensions();
        while (true) {
            skipContent();
            byte[] block = block();
            if (block == null || isZero(block) && isEnd()) {
                if (extensions.isAny) {
                    throw new MalformedLayerException("the archive ends after an extended header");
                }
                return null;
            }
            TarHeader header = TarHeader.of(block);
            if (!extensions.take(header, this)) {
                return entry(header, extensions);
            }
        }
    }

    /// Hands the next `length` bytes of content to `sink`.
    public void content(long length, Sink sink) throws IOException {
        if (length > left) {
            throw new IllegalArgumentException("entry has %d bytes, not %d".formatted(left, length));
        }
        for (long rest = length; rest > 0; ) {
            fill();
            int count = (int) Math.min(rest, end - start);
            sink.write(buffer, start, count);
            start += count;
            rest -= count;
            left -= count;
        }
    }

    /// Reads what follows the archive's end, which counts for its digest and says nothing.
    ///
    /// @throws MalformedLayerException if it is more than `most` bytes
    void drain(long most) throws IOException {
        long count = 0;
        do {
            count += end - start;
            if (count > most) {
                throw new MalformedLayerException("the archive goes on for too long after its end");
            }
            start = 0;
            end = archive.read(buffer);
        } while (end > 0);
        end = 0;
    }

    /// What headers before an entry's own say of it.
    private static final class Extensions {
        private PaxRecords pax = PaxRecords.NONE;
        private byte @Nullable [] name;
        private byte @Nullable [] link;
        private boolean isAny;

        /// @return false if `header` is that of an entry
        boolean take(TarHeader header, TarReader reader) throws IOException {
            switch (header.type()) {
                case 'x', 'X' -> pax = PaxRecords.parse(reader.special(header));
                case 'g' -> PaxRecords.parse(reader.special(header));
                case 'L' -> name = untilNul(reader.special(header));
                case 'K' -> link = untilNul(reader.special(header));
                default -> {
                    return false;
                }
            }
            isAny |= header.type() != 'g';
            return true;
        }

        private static byte[] untilNul(byte[] bytes) {
            int length = 0;
            while (length < bytes.length && bytes[length] != 0) {
                length++;
            }
            return Arrays.copyOf(bytes, length);
        }
    }

    private TarEntry entry(TarHeader header, Extensions extensions) throws IOException {
        PaxRecords pax = extensions.pax;
        byte[] name = first(extensions.name, pax.bytes("GNU.sparse.name"), pax.bytes("path"), header.name());
        byte[] link = first(extensions.link, pax.bytes("linkpath"), header.link());
        TarEntry.Kind kind = kind(header, name);
        beginContent(kind == TarEntry.Kind.FILE ? pax.number("size", header.size()) : 0);
        SparseMap sparse = kind == TarEntry.Kind.FILE ? sparse(header, pax) : null;
        if (sparse != null && sparse.stored() != left) {
            throw new MalformedLayerException("the map of a sparse file is not that of its content");
        }
        return new TarEntry(
                kind,
                name,
                link,
                (int) header.mode() & 07777,
                TarEntry.Owner.of(pax.number("uid", header.uid()), pax.number("gid", header.gid())),
                pax.time("mtime", new TarEntry.Time(header.seconds(), 0)),
                device(header, kind),
                left,
                sparse,
                pax.attributes());
    }

    private static TarEntry.Kind kind(TarHeader header, byte[] name) throws MalformedLayerException {
        return switch (header.type()) {
            case '0', 0, '7', 'S' ->
                name.length > 0 && name[name.length - 1] == '/' ? TarEntry.Kind.DIRECTORY : TarEntry.Kind.FILE;
            case '1' -> TarEntry.Kind.HARD_LINK;
            case '2' -> TarEntry.Kind.SYMLINK;
            case '3' -> TarEntry.Kind.CHARACTER_DEVICE;
            case '4' -> TarEntry.Kind.BLOCK_DEVICE;
            case '5' -> TarEntry.Kind.DIRECTORY;
            case '6' -> TarEntry.Kind.FIFO;
            default ->
                throw new MalformedLayerException(
                        "an entry has the unknown type 0x%02x".formatted((int) header.type()));
        };
    }

    private static long device(TarHeader header, TarEntry.Kind kind) throws MalformedLayerException {
        if (kind != TarEntry.Kind.CHARACTER_DEVICE && kind != TarEntry.Kind.BLOCK_DEVICE) {
            return 0;
        }
        long major = header.deviceMajor();
        long minor = header.deviceMinor();
        if (major < 0 || major >= DEVICE_MAJORS || minor < 0 || minor >= DEVICE_MINORS) {
            throw new MalformedLayerException("there is no device %d:%d".formatted(major, minor));
        }
        return FileStat.device(major, minor);
    }

    private @Nullable SparseMap sparse(TarHeader header, PaxRecords pax) throws IOException {
        if (header.type() == 'S') {
            return oldGnuMap(header.block());
        }
        if (pax.hasMapInContent()) {
            return mapInContent(pax.number("GNU.sparse.realsize", pax.number("GNU.sparse.size", left)));
        }
        long[] segments = pax.segments();
        return segments == null
                ? null
                : SparseMap.of(pax.number("GNU.sparse.size", pax.number("GNU.sparse.realsize", left)), segments);
    }

    private SparseMap oldGnuMap(byte[] header) throws IOException {
        long size = TarNumbers.parse(header, GNU_REAL_SIZE, NUMBER_BYTES);
        Segments segments = new Segments();
        segments.add(header, GNU_MAP, GNU_MAP_SEGMENTS);
        boolean more = header[GNU_MORE] != 0;
        while (more) {
            byte[] block = wholeBlock();
            segments.add(block, 0, MORE_SEGMENTS);
            more = block[MORE_MORE] != 0;
        }
        return SparseMap.of(size, segments.toArray());
    }

    /// Decimal numbers, each on a line: how many segments, then offset and length of each; up to a whole block.
    private SparseMap mapInContent(long size) throws IOException {
        MapText text = new MapText();
        long count = text.number();
        if (count > SparseMap.MOST_SEGMENTS) {
            throw new MalformedLayerException(
                    "a sparse file has more than %d segments".formatted(SparseMap.MOST_SEGMENTS));
        }
        long[] numbers = new long[(int) count * 2];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = text.number();
        }
        return SparseMap.of(size, numbers);
    }

    /// Collects offsets and lengths of the old GNU format, where a field that is empty ends the list.
    private static final class Segments {
        private long[] numbers = new long[2 * GNU_MAP_SEGMENTS];
        private int count;

        void add(byte[] block, int offset, int most) throws MalformedLayerException {
            for (int at = offset; at < offset + most * 2 * NUMBER_BYTES && block[at] != 0; at += 2 * NUMBER_BYTES) {
                if (count == 2 * SparseMap.MOST_SEGMENTS) {
                    throw new MalformedLayerException(
                            "a sparse file has more than %d segments".formatted(SparseMap.MOST_SEGMENTS));
                }
                if (count == numbers.length) {
                    numbers = Arrays.copyOf(numbers, count * 2);
                }
                numbers[count++] = TarNumbers.parse(block, at, NUMBER_BYTES);
                numbers[count++] = TarNumbers.parse(block, at + NUMBER_BYTES, NUMBER_BYTES);
            }
        }

        long[] toArray() {
            return Arrays.copyOf(numbers, count);
        }
    }

    /// The numbers in front of a file's content.
    private final class MapText {
        private byte[] block = new byte[0];
        private int at;

        long number() throws IOException {
            long value = 0;
            int digits = 0;
            for (int character = read(); character != '\n'; character = read()) {
                if (character < '0' || character > '9' || value > Long.MAX_VALUE / 10 - 1) {
                    throw new MalformedLayerException("the map of a sparse file has no number where it must");
                }
                value = value * 10 + character - '0';
                digits++;
            }
            if (digits == 0) {
                throw new MalformedLayerException("the map of a sparse file has no number where it must");
            }
            return value;
        }

        private int read() throws IOException {
            if (at == block.length) {
                if (left < TarHeader.BLOCK_BYTES) {
                    throw new MalformedLayerException("the map of a sparse file is longer than the file");
                }
                left -= TarHeader.BLOCK_BYTES;
                block = wholeBlock();
                at = 0;
            }
            return block[at++];
        }
    }

    private static byte[] first(byte @Nullable [] most, byte @Nullable [] less, byte[] last) {
        if (most != null) {
            return most;
        }
        return less == null ? last : less;
    }

    private static byte[] first(byte @Nullable [] most, byte @Nullable [] less, byte @Nullable [] least, byte[] last) {
        return first(most, less, first(least, null, last));
    }

    /// The content of a header that belongs to the next entry.
    private byte[] special(TarHeader header) throws IOException {
        long size = header.size();
        if (size > LONGEST_SPECIAL) {
            throw new MalformedLayerException(
                    "an extended header has %d bytes, more than %d".formatted(size, LONGEST_SPECIAL));
        }
        beginContent(size);
        byte[] bytes = new byte[(int) size];
        int[] at = {0};
        content(size, (from, offset, length) -> {
            System.arraycopy(from, offset, bytes, at[0], length);
            at[0] += length;
        });
        return bytes;
    }

    private void beginContent(long size) throws MalformedLayerException {
        if (size < 0 || size > Long.MAX_VALUE - TarHeader.BLOCK_BYTES) {
            throw new MalformedLayerException("an entry has the size " + size);
        }
        left = size;
        padding = (int) (-size & TarHeader.BLOCK_BYTES - 1);
    }

    /// The content must be there; its padding may be missing at the very end, because some builders (umoci among
    /// them) do not close their archives.
    private void skipContent() throws IOException {
        content(left, (bytes, offset, length) -> {});
        while (padding > 0 && (start < end || refill())) {
            int count = Math.min(padding, end - start);
            start += count;
            padding -= count;
        }
        padding = 0;
    }

    /// Whether the archive ends with the zero block that was just read: another one follows, or nothing.
    private boolean isEnd() throws IOException {
        byte[] second = block();
        if (second != null && !isZero(second)) {
            throw new MalformedLayerException("a single zero block is followed by more");
        }
        return true;
    }

    private byte[] wholeBlock() throws IOException {
        byte[] block = block();
        if (block == null) {
            throw truncated();
        }
        return block;
    }

    /// The next block; null if the archive ends here.
    private byte @Nullable [] block() throws IOException {
        byte[] block = new byte[TarHeader.BLOCK_BYTES];
        int count = 0;
        while (count < block.length) {
            if (start == end && !refill()) {
                if (count == 0) {
                    return null;
                }
                throw truncated();
            }
            int some = Math.min(block.length - count, end - start);
            System.arraycopy(buffer, start, block, count, some);
            start += some;
            count += some;
        }
        return block;
    }

    private void fill() throws IOException {
        if (start == end && !refill()) {
            throw truncated();
        }
    }

    private boolean refill() throws IOException {
        start = 0;
        end = Math.max(0, archive.read(buffer));
        return end > 0;
    }

    private static MalformedLayerException truncated() {
        return new MalformedLayerException("the archive ends within an entry");
    }

    private static boolean isZero(byte[] block) {
        for (byte one : block) {
            if (one != 0) {
                return false;
            }
        }
        return true;
    }
}
