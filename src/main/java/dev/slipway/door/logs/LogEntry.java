package dev.slipway.door.logs;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/// One line of a CRI log file: `<time> <stream> <tag> <text>`, where the tag `P` says that the line goes on in the
/// next entry of the same stream.
///
/// @param text without the line feed
/// @param endsLine whether the text ends a line
record LogEntry(String time, byte[] text, boolean endsLine) {
    /// Reads `length` bytes without the line feed; empty for a line that is no entry, as a crash may leave.
    static Optional<LogEntry> parse(byte[] line, int length) {
        int stream = indexOf(line, 0, length);
        int tag = stream < 0 ? -1 : indexOf(line, stream + 1, length);
        int text = tag < 0 ? -1 : indexOf(line, tag + 1, length);
        if (tag < 0) {
            return Optional.empty();
        }
        int tagEnd = text < 0 ? length : text;
        boolean endsLine = tagEnd == tag + 1 || line[tag + 1] != 'P';
        byte[] content = text < 0 ? new byte[0] : Arrays.copyOfRange(line, text + 1, length);
        return Optional.of(new LogEntry(new String(line, 0, stream, StandardCharsets.US_ASCII), content, endsLine));
    }

    /// Whether the entry was written at `moment` or later; one whose time cannot be read counts as such.
    boolean isSince(Instant moment) {
        try {
            return !Instant.parse(time).isBefore(moment);
        } catch (DateTimeException e) {
            return true;
        }
    }

    private static int indexOf(byte[] line, int from, int length) {
        for (int i = from; i < length; i++) {
            if (line[i] == ' ') {
                return i;
            }
        }
        return -1;
    }
}
