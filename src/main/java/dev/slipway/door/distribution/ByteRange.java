package dev.slipway.door.distribution;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Some bytes of a blob, both ends included. Pure.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9110#name-range-requests RFC 9110: Range Requests
record ByteRange(long first, long last) {
    private static final Pattern WANTED = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");
    private static final Pattern SENT = Pattern.compile("(?:bytes )?([0-9]{1,18})-([0-9]{1,18})(?:/.*)?");

    long length() {
        return last - first + 1;
    }

    /// What a `Range` header wants of a blob; empty for all of it, also where the header is of a form that need not
    /// be understood.
    ///
    /// @throws RefusedException when the blob has none of it
    static Optional<ByteRange> wanted(String header, long size) {
        Matcher matcher = WANTED.matcher(header.strip());
        if (!matcher.matches() || matcher.group(1).isEmpty() && matcher.group(2).isEmpty()) {
            return Optional.empty();
        }
        boolean isSuffix = matcher.group(1).isEmpty();
        long given = matcher.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(matcher.group(2));
        long first = isSuffix ? Math.max(0, size - given) : Long.parseLong(matcher.group(1));
        long last = isSuffix ? size - 1 : Math.min(given, size - 1);
        if (first > last) {
            throw new RefusedException(
                    416,
                    ErrorCode.SIZE_INVALID,
                    "the blob has %d bytes".formatted(size),
                    Map.of("Content-Range", "bytes */" + size));
        }
        return Optional.of(new ByteRange(first, last));
    }

    /// What the `Content-Range` of a chunk says.
    ///
    /// @throws RefusedException when it is not of the form
    static ByteRange sent(String header) {
        Matcher matcher = SENT.matcher(header.strip());
        if (!matcher.matches()) {
            throw new RefusedException(416, ErrorCode.BLOB_UPLOAD_INVALID, "not a range: " + header);
        }
        ByteRange range = new ByteRange(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
        if (range.length() < 1) {
            throw new RefusedException(416, ErrorCode.BLOB_UPLOAD_INVALID, "not a range: " + header);
        }
        return range;
    }
}
