package dev.slipway.engine.layer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an extended header says in place of the plain one. An empty value means that the plain one counts, except for
/// an extended attribute, which may be empty.
///
/// @spec https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03 POSIX: pax extended header
/// @spec https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html GNU tar: sparse formats
final class PaxRecords {
    static final PaxRecords NONE = new PaxRecords();

    private static final String ATTRIBUTE = "SCHILY.xattr.";
    private static final int NANO_DIGITS = 9;

    private final Map<String, byte[]> values = new HashMap<>();
    private final Map<String, byte[]> attributes = new LinkedHashMap<>();

    /// Values of the sparse format 0.0, the only one that repeats keywords: offset, length, offset ...
    private final List<String> segments = new ArrayList<>();

    private PaxRecords() {}

    /// Reads `<length> <keyword>=<value>\n` again and again; the length counts the whole record.
    static PaxRecords parse(byte[] bytes) throws MalformedLayerException {
        PaxRecords records = new PaxRecords();
        int start = 0;
        while (start < bytes.length) {
            start = records.add(bytes, start);
        }
        return records;
    }

    byte @Nullable [] bytes(String keyword) throws MalformedLayerException {
        byte[] value = values.get(keyword);
        if (value == null || value.length == 0) {
            return null;
        }
        for (byte one : value) {
            if (one == 0) {
                throw new MalformedLayerException(keyword + " in an extended header has a NUL");
            }
        }
        return value;
    }

    /// A whole number, or `otherwise` if there is none.
    long number(String keyword, long otherwise) throws MalformedLayerException {
        String text = text(keyword);
        return text.isEmpty() ? otherwise : number(keyword, text);
    }

    /// A time, which may have a fraction, or `otherwise` if there is none.
    TarEntry.Time time(String keyword, TarEntry.Time otherwise) throws MalformedLayerException {
        String text = text(keyword);
        if (text.isEmpty()) {
            return otherwise;
        }
        int point = text.indexOf('.');
        if (point < 0) {
            return new TarEntry.Time(number(keyword, text), 0);
        }
        String whole = text.substring(0, point);
        String fraction = (text.substring(point + 1) + "0".repeat(NANO_DIGITS)).substring(0, NANO_DIGITS);
        boolean negative = whole.startsWith("-");
        long seconds = whole.isEmpty() || whole.equals("-") ? 0 : number(keyword, whole);
        long nanos = number(keyword, fraction);
        if (nanos < 0) {
            throw new MalformedLayerException(keyword + " in an extended header is no time: " + text);
        }
        return negative && nanos > 0
                ? new TarEntry.Time(seconds - 1, (int) (1_000_000_000 - nanos))
                : new TarEntry.Time(seconds, (int) nanos);
    }

    Map<String, byte[]> attributes() {
        return attributes;
    }

    /// Whether the map of a sparse file is in front of its content: format 1.0.
    boolean hasMapInContent() {
        return text("GNU.sparse.major").equals("1") && text("GNU.sparse.minor").equals("0");
    }

    /// The segments of a sparse file of format 0.0 or 0.1; null if there are none.
    long @Nullable [] segments() throws MalformedLayerException {
        List<String> numbers = values.containsKey("GNU.sparse.map")
                ? Arrays.asList(text("GNU.sparse.map").split(","))
                : segments;
        if (numbers.isEmpty() && !values.containsKey("GNU.sparse.numblocks")) {
            return null;
        }
        long[] parsed = new long[numbers.size()];
        for (int i = 0; i < parsed.length; i++) {
            parsed[i] = number("GNU.sparse.map", numbers.get(i));
        }
        return parsed;
    }

    private int add(byte[] bytes, int start) throws MalformedLayerException {
        int at = start;
        int length = 0;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9' && length <= bytes.length) {
            length = length * 10 + bytes[at++] - '0';
        }
        int end = start + length;
        if (at >= bytes.length || bytes[at] != ' ' || length > bytes.length - start || end <= at + 2) {
            throw new MalformedLayerException("an extended header has a record of wrong length");
        }
        int equals = ++at;
        while (equals < end && bytes[equals] != '=') {
            equals++;
        }
        if (equals == at || equals >= end - 1 || bytes[end - 1] != '\n') {
            throw new MalformedLayerException("an extended header has a record without keyword or end");
        }
        put(new String(bytes, at, equals - at, StandardCharsets.UTF_8), Arrays.copyOfRange(bytes, equals + 1, end - 1));
        return end;
    }

    private void put(String keyword, byte[] value) {
        if (keyword.startsWith(ATTRIBUTE)) {
            attributes.put(keyword.substring(ATTRIBUTE.length()), value);
        } else if (keyword.equals("GNU.sparse.offset") || keyword.equals("GNU.sparse.numbytes")) {
            segments.add(new String(value, StandardCharsets.ISO_8859_1));
        } else {
            values.put(keyword, value);
        }
    }

    private String text(String keyword) {
        byte[] value = values.get(keyword);
        return value == null ? "" : new String(value, StandardCharsets.ISO_8859_1);
    }

    private static long number(String keyword, String text) throws MalformedLayerException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new MalformedLayerException(keyword + " in an extended header is no number: " + text);
        }
    }
}
