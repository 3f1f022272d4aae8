package dev.slipway.door.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;

/// One file of a log, open at a place; it stays the same file when rotation renames or removes it.
final class LogFile implements AutoCloseable {
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final int LONGEST_ENTRY_BYTES = 1024 * 1024;

    private final SeekableByteChannel file;
    private final Object identity;
    private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).limit(0);
    private long end = Long.MAX_VALUE;
    private byte[] line = new byte[1024];
    private int lineLength;

    private LogFile(SeekableByteChannel file, Object identity) {
        this.file = file;
        this.identity = identity;
    }

    static LogFile open(Path path) throws IOException {
        while (true) {
            Object before = identity(path);
            SeekableByteChannel file = Files.newByteChannel(path);
            if (before.equals(identity(path))) {
                return new LogFile(file, before);
            }
            file.close();
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

    /// Ends it where it ends now, whatever is written to it later.
    void endHere() throws IOException {
        end = file.size();
    }

    /// The next whole entry, or empty at the end of what is written; what follows then is found by a later call.
    Optional<LogEntry> next() throws IOException {
        while (fill()) {
            byte octet = block.get();
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
        if (block.hasRemaining()) {
            return true;
        }
        block.clear().limit((int) Math.min(BLOCK_BYTES, end - file.position()));
        file.read(block);
        return block.flip().hasRemaining();
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

    /// Goes to where the last `lines` lines begin.
    ///
    /// @return how many there are from there
    long seekLast(long lines) throws IOException {
        Deque<Long> starts = new ArrayDeque<>();
        boolean atLineStart = true;
        long position = 0;
        long entryStart = 0;
        byte[] head = new byte[64];
        int headLength = 0;
        for (seek(0); fill(); ) {
            byte octet = block.get();
            position++;
            if (octet != '\n') {
                if (headLength < head.length) {
                    head[headLength++] = octet;
                }
                continue;
            }
            if (atLineStart) {
                starts.addLast(entryStart);
            }
            if (starts.size() > lines) {
                starts.removeFirst();
            }
            atLineStart =
                    LogEntry.parse(head, headLength).map(LogEntry::endsLine).orElse(true);
            headLength = 0;
            entryStart = position;
        }
        seek(starts.isEmpty() ? position : starts.getFirst());
        return starts.size();
    }

    private void seek(long position) throws IOException {
        file.position(position);
        block.limit(0);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
