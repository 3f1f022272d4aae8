package dev.slipway.engine.layer;

import java.util.Arrays;

/// How the archive of a layer marks by names what overlayfs marks in other ways. Docker's first storage driver had more
/// such names of its own, all with the mark twice; they mean nothing and are passed over.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts OCI Image Spec: Whiteouts
final class WhiteoutNames {
    private static final byte[] MARK = {'.', 'w', 'h', '.'};
    private static final byte[] TWICE = {'.', 'w', 'h', '.', '.', 'w', 'h', '.'};
    private static final byte[] OPAQUE = {'.', 'w', 'h', '.', '.', 'w', 'h', '.', '.', 'o', 'p', 'q'};

    private WhiteoutNames() {}

    /// What a name says.
    enum Meaning {
        /// It is an ordinary name.
        ENTRY,
        /// It hides what [WhiteoutNames#hidden] says.
        WHITEOUT,
        /// It hides all that is in its directory.
        OPAQUE,
        /// It says nothing.
        NOTHING
    }

    /// @throws MalformedLayerException when a whiteout hides nothing, or a mark is in front of a directory on the
    ///     way
    static Meaning of(EntryName name) throws MalformedLayerException {
        byte[] last = name.last();
        int marked = marked(name.parent());
        if (marked >= 0) {
            if (startsWith(name.parent(), marked, TWICE)) {
                return Meaning.NOTHING;
            }
            throw new MalformedLayerException("it is below a whiteout");
        }
        if (!startsWith(last, 0, MARK)) {
            return Meaning.ENTRY;
        }
        if (startsWith(last, 0, TWICE)) {
            return Arrays.equals(last, OPAQUE) ? Meaning.OPAQUE : Meaning.NOTHING;
        }
        byte[] hidden = hidden(last);
        if (hidden.length == 0 || hidden[0] == '.' && (hidden.length == 1 || hidden.length == 2 && hidden[1] == '.')) {
            throw new MalformedLayerException("it is a whiteout without a name");
        }
        return Meaning.WHITEOUT;
    }

    static byte[] hidden(byte[] whiteout) {
        return Arrays.copyOfRange(whiteout, MARK.length, whiteout.length);
    }

    static byte[] whiteout(byte[] hidden) {
        byte[] whiteout = Arrays.copyOf(MARK, MARK.length + hidden.length);
        System.arraycopy(hidden, 0, whiteout, MARK.length, hidden.length);
        return whiteout;
    }

    static byte[] opaque() {
        return OPAQUE.clone();
    }

    /// Whether a file of this name would be read as a mark.
    static boolean isMark(byte[] name) {
        return startsWith(name, 0, MARK);
    }

    /// Where in `path` a name begins with the mark; -1 if none does.
    private static int marked(byte[] path) {
        for (int start = 0; start < path.length; start++) {
            if ((start == 0 || path[start - 1] == '/') && startsWith(path, start, MARK)) {
                return start;
            }
        }
        return -1;
    }

    private static boolean startsWith(byte[] bytes, int offset, byte[] prefix) {
        return bytes.length - offset >= prefix.length
                && Arrays.equals(bytes, offset, offset + prefix.length, prefix, 0, prefix.length);
    }
}
