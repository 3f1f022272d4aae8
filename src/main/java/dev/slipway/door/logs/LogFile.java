package dev.slipway.door.logs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;

/// One file of a log, open at a place; it stays the same file when rotation renames it.
final class LogFile implements AutoCloseable {
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final int LONGEST_ENTRY_BYTES = 1024 * 1024;

    private final InputStream in;
    private final Object identity;
    private final byte[] block = new byte[BLOCK_BYTES];
    private int blockStart;
    private int blockEnd;
    private byte[] line = new byte[1024];
    private int lineLength;

    private LogFile(InputStream in, Object identity) {
        this.in = in;
        this.identity = identity;
    }

    static LogFile open(Path path) throws IOException {
        while (true) {
            Object before = identity(path);
            InputStream in = Files.newInputStream(path);
            if (before.equals(identity(path))) {
                return new LogFile(in, before);
            }
            in.close();
        }
    }

    /// What tells this file from others whatever it is called: device and inode.
    static Object identity(Path path) throws IOException {
        return Objects.requireNonNull(
                Files.readAttributes(path, BasicFileAttributes.class).fileKey());
    }

    Object identity() {
        return identity;
    }

    void skip(long bytes) throws IOException {
        in.skipNBytes(bytes);
    }

    /// The next whole entry, or empty at the end of what is written; what follows then is found by a later call.
    Optional<LogEntry> next() throws IOException {
        while (fill()) {
            byte octet = block[blockStart++];
            if (octet == '\n') {
                int length = lineLength;
                lineLength = 0;
                Optional<LogEntry> entry = LogEntry.parse(line, length);
                if (entry.isPresent()) {
                    return entry;
                }
            } else {
                append(octet);
            }
        }
        return Optional.empty();
    }

    private boolean fill() throws IOException {
        if (blockStart < blockEnd) {
            return true;
        }
        blockStart = 0;
        blockEnd = Math.max(0, in.read(block));
        return blockEnd > 0;
    }

    private void append(byte octet) throws IOException {
        if (lineLength == LONGEST_ENTRY_BYTES) {
            throw new IOException("an entry of the log is longer than " + LONGEST_ENTRY_BYTES + " bytes");
        }
        if (lineLength == line.length) {
            line = Arrays.copyOf(line, 2 * line.length);
        }
        line[lineLength++] = octet;
    }

    /// Where the last `lines` lines of a file begin, and how many of them it has.
    static Tail tail(Path path, long lines) throws IOException {
        Deque<Long> starts = new ArrayDeque<>();
        boolean atLineStart = true;
        long position = 0;
        long entryStart = 0;
        try (InputStream in = Files.newInputStream(path)) {
            byte[] buffer = new byte[BLOCK_BYTES];
            byte[] head = new byte[64];
            int headLength = 0;
            for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
                for (int i = 0; i < read; i++) {
                    position++;
                    if (buffer[i] != '\n') {
                        if (headLength < head.length) {
                            head[headLength++] = buffer[i];
                        }
                        continue;
                    }
                    if (atLineStart) {
                        starts.addLast(entryStart);
                    }
                    if (starts.size() > lines) {
                        starts.removeFirst();
                    }
                    atLineStart = LogEntry.parse(head, headLength)
                            .map(LogEntry::endsLine)
                            .orElse(true);
                    headLength = 0;
                    entryStart = position;
                }
            }
        }
        return new Tail(starts.isEmpty() ? position : starts.getFirst(), starts.size());
    }

    record Tail(long offset, long lines) {}

    @Override
    public void close() throws IOException {
        in.close();
    }
}
