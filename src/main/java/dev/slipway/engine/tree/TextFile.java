package dev.slipway.engine.tree;

import dev.slipway.engine.linux.Fd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Reads a file that somebody else may write: a fifo or a device in its place is refused, and so is one without end.
public final class TextFile {
    private static final int MOST_BYTES = 1 << 20;

    private TextFile() {}

    /// @param directory whose links are followed, `file` is none
    /// @throws NoSuchFileException when there is none
    public static String read(String directory, String file) throws IOException {
        try (SourceTree tree = SourceTree.of(directory)) {
            if (tree.stat(file) == null) {
                throw new NoSuchFileException(tree.absolute(file));
            }
            try (Fd opened = tree.open(file);
                    InputStream stream = Files.newInputStream(Path.of("/proc/self/fd/" + opened.number()))) {
                byte[] bytes = stream.readNBytes(MOST_BYTES + 1);
                if (bytes.length > MOST_BYTES) {
                    throw new IOException("%s has more than %d bytes".formatted(tree.absolute(file), MOST_BYTES));
                }
                return new String(bytes, StandardCharsets.UTF_8);
            }
        }
    }
}
