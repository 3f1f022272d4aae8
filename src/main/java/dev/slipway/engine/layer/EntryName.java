package dev.slipway.engine.layer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Where an entry belongs: the directory it is in and its name there, both without `.`, `..` and needless slashes. The
/// root of the layer has neither.
///
/// A leading slash means the root of the layer. A `..` goes up by one name, as other engines take it, and not by way of
/// links; one that leaves the layer is refused.
///
/// @param parent names with slashes between
public record EntryName(byte[] parent, byte[] last) {
    private static final byte[] NONE = new byte[0];
    private static final int LONGEST_TEXT = 200;

    public static EntryName of(byte[] name) throws MalformedLayerException {
        byte[] path = clean(name);
        int slash = path.length - 1;
        while (slash >= 0 && path[slash] != '/') {
            slash--;
        }
        return slash < 0
                ? new EntryName(NONE, path)
                : new EntryName(Arrays.copyOf(path, slash), Arrays.copyOfRange(path, slash + 1, path.length));
    }

    /// Directory and name in one.
    public byte[] whole() {
        if (parent.length == 0) {
            return last.clone();
        }
        byte[] whole = Arrays.copyOf(parent, parent.length + 1 + last.length);
        whole[parent.length] = '/';
        System.arraycopy(last, 0, whole, parent.length + 1, last.length);
        return whole;
    }

    /// Whether it is the layer's own directory.
    public boolean isRoot() {
        return last.length == 0;
    }

    @Override
    public String toString() {
        return parent.length == 0 ? text(last) : text(parent) + "/" + text(last);
    }

    /// A name as people read it, control characters escaped, the middle of a long one left out; for messages.
    static String text(byte[] name) {
        int half = LONGEST_TEXT / 2;
        return name.length <= LONGEST_TEXT
                ? escaped(name)
                : escaped(Arrays.copyOf(name, half)) + "..."
                        + escaped(Arrays.copyOfRange(name, name.length - half, name.length));
    }

    private static String escaped(byte[] name) {
        StringBuilder text = new StringBuilder();
        new String(name, StandardCharsets.UTF_8).codePoints().forEach(character -> {
            if (Character.isISOControl(character)) {
                text.append("\\x%02x".formatted(character));
            } else {
                text.appendCodePoint(character);
            }
        });
        return text.toString();
    }

    private static byte[] clean(byte[] name) throws MalformedLayerException {
        if (isClean(name)) {
            return name;
        }
        byte[] path = new byte[name.length + 1];
        int length = 0;
        for (int start = 0; start < name.length; ) {
            int end = start;
            while (end < name.length && name[end] != '/') {
                end++;
            }
            if (isParent(name, start, end)) {
                if (length == 0) {
                    throw new MalformedLayerException("its name leads out of the layer");
                }
                do {
                    length--;
                } while (length > 0 && path[length] != '/');
            } else if (end > start && !isSelf(name, start, end)) {
                if (length > 0) {
                    path[length++] = '/';
                }
                System.arraycopy(name, start, path, length, end - start);
                length += end - start;
            }
            start = end + 1;
        }
        return Arrays.copyOf(path, length);
    }

    /// Whether there is nothing to do, as for nearly all names of most archives.
    private static boolean isClean(byte[] name) {
        boolean atStart = true;
        for (byte one : name) {
            if (atStart && (one == '/' || one == '.')) {
                return false;
            }
            atStart = one == '/';
        }
        return !atStart || name.length == 0;
    }

    private static boolean isSelf(byte[] name, int start, int end) {
        return end - start == 1 && name[start] == '.';
    }

    private static boolean isParent(byte[] name, int start, int end) {
        return end - start == 2 && name[start] == '.' && name[start + 1] == '.';
    }
}
