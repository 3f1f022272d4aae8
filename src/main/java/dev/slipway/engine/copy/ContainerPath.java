package dev.slipway.engine.copy;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A file that a path leads to, by the open directory that it is in and its name there.
///
/// @param name `.` for the root
record ContainerPath(Fd directory, byte[] name, FileStat stat) implements AutoCloseable {
    static final byte[] SELF = {'.'};
    private static final int MOST_LINKS = 40;

    /// Follows links, the last one too, as the container would.
    ///
    /// @throws MissingFileException when there is nothing
    static ContainerPath find(At at, Fd root, String path) throws IOException {
        String wanted = path;
        for (int links = 0; links < MOST_LINKS; links++) {
            String trimmed = wanted.replaceAll("/+$", "");
            int slash = trimmed.lastIndexOf('/');
            String parent = slash < 0 ? "" : trimmed.substring(0, slash);
            String last = trimmed.substring(slash + 1);
            // The kernel knows where dots lead, which depends on links before them.
            boolean isDots = last.isEmpty() || last.equals(".") || last.equals("..");
            Fd directory = directory(at, root, isDots ? trimmed : parent, path);
            boolean isFound = false;
            try {
                byte[] name = isDots ? SELF : last.getBytes(StandardCharsets.UTF_8);
                Optional<FileStat> stat = at.find(directory, name);
                if (stat.isEmpty()) {
                    throw missing(path);
                }
                if (stat.get().type() != FileStat.SYMLINK) {
                    isFound = true;
                    return new ContainerPath(directory, name, stat.get());
                }
                String target = new String(at.readLink(directory, name), StandardCharsets.UTF_8);
                wanted = target.startsWith("/") ? target : parent + "/" + target;
            } finally {
                if (!isFound) {
                    directory.close();
                }
            }
        }
        throw new CopyRefusedException(path + " leads through too many links");
    }

    private static Fd directory(At at, Fd root, String path, String asked) throws IOException {
        try {
            return at.openDirectory(root, path.getBytes(StandardCharsets.UTF_8));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                throw missing(asked);
            }
            throw e;
        }
    }

    private static MissingFileException missing(String path) {
        return new MissingFileException(path + ": no such file or directory in the container");
    }

    @Override
    public void close() {
        directory.close();
    }
}
