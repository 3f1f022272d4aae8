package dev.slipway.engine.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Reads what [Elf] holds. Numbers in the file are a stranger's: what points out of the file is as if it were not
/// there, as in files that hold only debug information.
///
/// @spec https://man7.org/linux/man-pages/man5/elf.5.html elf(5)
public final class ElfReader {
    private static final int MAGIC = 0x7f454c46;
    private static final int WIDE = 2;
    private static final int BIG_ENDIAN = 2;
    private static final int HEADER_BYTES = 64;
    private static final int MOST_BYTES = 1 << 20;
    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int PT_INTERP = 3;
    private static final int DT_NULL = 0;
    private static final int DT_NEEDED = 1;
    private static final int DT_STRTAB = 5;
    private static final int DT_STRSZ = 10;
    private static final int DT_RPATH = 15;
    private static final int DT_RUNPATH = 29;

    private final FileChannel file;
    private final boolean wide;
    private final ByteOrder order;

    private ElfReader(FileChannel file, boolean wide, ByteOrder order) {
        this.file = file;
        this.wide = wide;
        this.order = order;
    }

    /// Empty for a file that is not ELF.
    public static Optional<Elf> read(FileChannel file) throws IOException {
        if (file.size() < HEADER_BYTES) {
            return Optional.empty();
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        fill(file, header, 0);
        if (header.getInt(0) != MAGIC) {
            return Optional.empty();
        }
        ByteOrder order = header.get(5) == BIG_ENDIAN ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return Optional.of(new ElfReader(file, header.get(4) == WIDE, order).elf(header.order(order)));
    }

    /// A part of the file that is loaded, or has a meaning of its own.
    private record Segment(int type, long offset, long address, long size) {}

    private Elf elf(ByteBuffer header) throws IOException {
        int machine = Short.toUnsignedInt(header.getShort(18));
        List<Segment> segments = segments(header);
        String interpreter = "";
        Dynamic dynamic = new Dynamic();
        for (Segment segment : segments) {
            switch (segment.type()) {
                case PT_INTERP -> interpreter = text(part(segment.offset(), segment.size()), 0);
                case PT_DYNAMIC -> dynamic = dynamic(segment);
                default -> {}
            }
        }
        ByteBuffer strings = strings(dynamic, segments);
        return new Elf(
                wide,
                machine,
                interpreter,
                dynamic.needed.stream().map(at -> text(strings, at)).toList(),
                paths(strings, dynamic.rpath),
                paths(strings, dynamic.runpath));
    }

    private List<Segment> segments(ByteBuffer header) throws IOException {
        long start = wide ? header.getLong(32) : Integer.toUnsignedLong(header.getInt(28));
        int size = Short.toUnsignedInt(header.getShort(wide ? 54 : 42));
        int count = Short.toUnsignedInt(header.getShort(wide ? 56 : 44));
        List<Segment> segments = new ArrayList<>();
        if (size < (wide ? 56 : 32)) {
            return segments;
        }
        ByteBuffer table = part(start, (long) size * count);
        for (int at = 0; at + size <= table.limit(); at += size) {
            segments.add(
                    wide
                            ? new Segment(
                                    table.getInt(at),
                                    table.getLong(at + 8),
                                    table.getLong(at + 16),
                                    table.getLong(at + 32))
                            : new Segment(
                                    table.getInt(at),
                                    Integer.toUnsignedLong(table.getInt(at + 4)),
                                    Integer.toUnsignedLong(table.getInt(at + 8)),
                                    Integer.toUnsignedLong(table.getInt(at + 16))));
        }
        return segments;
    }

    /// Entries of the dynamic section; places of strings are offsets into the string table.
    private static final class Dynamic {
        private final List<Long> needed = new ArrayList<>();
        private long stringsAddress = -1;
        private long stringsBytes;
        private long rpath = -1;
        private long runpath = -1;
    }

    private Dynamic dynamic(Segment segment) throws IOException {
        ByteBuffer table = part(segment.offset(), segment.size());
        Dynamic dynamic = new Dynamic();
        int entry = wide ? 16 : 8;
        for (int at = 0; at + entry <= table.limit(); at += entry) {
            long tag = wide ? table.getLong(at) : table.getInt(at);
            long value = wide ? table.getLong(at + 8) : Integer.toUnsignedLong(table.getInt(at + 4));
            switch ((int) tag) {
                case DT_NULL -> {
                    return dynamic;
                }
                case DT_NEEDED -> dynamic.needed.add(value);
                case DT_STRTAB -> dynamic.stringsAddress = value;
                case DT_STRSZ -> dynamic.stringsBytes = value;
                case DT_RPATH -> dynamic.rpath = value;
                case DT_RUNPATH -> dynamic.runpath = value;
                default -> {}
            }
        }
        return dynamic;
    }

    /// The string table, which is given by the address that it will have in memory.
    private ByteBuffer strings(Dynamic dynamic, List<Segment> segments) throws IOException {
        for (Segment segment : segments) {
            long into = dynamic.stringsAddress - segment.address();
            if (segment.type() == PT_LOAD && into >= 0 && into < segment.size()) {
                return part(segment.offset() + into, dynamic.stringsBytes);
            }
        }
        return ByteBuffer.allocate(0);
    }

    private static List<String> paths(ByteBuffer strings, long at) {
        String text = at < 0 ? "" : text(strings, at);
        return Arrays.stream(text.split(":")).filter(path -> !path.isEmpty()).toList();
    }

    private static String text(ByteBuffer strings, long start) {
        if (start < 0 || start >= strings.limit()) {
            return "";
        }
        int end = (int) start;
        while (end < strings.limit() && strings.get(end) != 0) {
            end++;
        }
        return new String(strings.array(), (int) start, end - (int) start, StandardCharsets.UTF_8);
    }

    /// As much of that part as the file has.
    private ByteBuffer part(long offset, long size) throws IOException {
        long left = file.size() - offset;
        boolean inside = offset >= 0 && left > 0 && size > 0;
        ByteBuffer bytes = ByteBuffer.allocate(inside ? (int) Math.min(Math.min(size, left), MOST_BYTES) : 0)
                .order(order);
        fill(file, bytes, offset);
        return bytes;
    }

    /// Reads until the buffer is full or the file ends.
    private static void fill(FileChannel file, ByteBuffer bytes, long offset) throws IOException {
        long position = offset;
        while (bytes.hasRemaining()) {
            int count = file.read(bytes, position);
            if (count < 0) {
                break;
            }
            position += count;
        }
        bytes.flip();
    }
}
