package dev.slipway.engine.linux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Removes a directory with all below it, by descriptors: names may be any bytes, links are never followed, and mounts
/// below it are not entered (their removal fails with EBUSY).
public final class TreeRemoval {
    private static final int DIRECTORY_ENTRY = 4;
    private static final int NAME_OFFSET = 19;

    private TreeRemoval() {}

    /// Removes `tree`; nothing happens if it is not there.
    public static void remove(Path tree) throws LinuxException {
        Path absolute = tree.toAbsolutePath();
        Path parent = Objects.requireNonNull(absolute.getParent(), "the root of the host is not removed");
        byte[] name = Objects.requireNonNull(absolute.getFileName()).toString().getBytes(StandardCharsets.UTF_8);
        At at = new At();
        try (Fd directory = at.openHost(parent)) {
            removeEntry(at, directory, name);
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /// Removes what is there under `name`, be it a whole directory.
    ///
    /// @return true if it was a directory; false also if there was nothing
    public static boolean removeAll(At at, Fd parent, byte[] name) throws LinuxException {
        try {
            at.removeFile(parent, name);
            return false;
        } catch (LinuxException e) {
            switch (e.errno()) {
                case ENOENT -> {
                    return false;
                }
                case EISDIR, EPERM -> removeDirectory(at, parent, name);
                default -> throw e;
            }
            return true;
        }
    }

    private static void removeEntry(At at, Fd parent, byte[] name) throws LinuxException {
        try {
            at.removeFile(parent, name);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EISDIR && e.errno() != Errno.EPERM) {
                throw e;
            }
            removeDirectory(at, parent, name);
        }
    }

    private static void removeDirectory(At at, Fd parent, byte[] name) throws LinuxException {
        try (Fd directory = at.openChild(parent, name)) {
            for (Entry entry : entries(at, directory)) {
                if (entry.isDirectory()) {
                    removeDirectory(at, directory, entry.name());
                } else {
                    removeEntry(at, directory, entry.name());
                }
            }
        }
        at.removeDirectory(parent, name);
    }

    /// @param isDirectory by the type in the entry; false also for file systems that do not say
    public record Entry(byte[] name, boolean isDirectory) {}

    /// All entries of a directory opened for reading, without `.` and `..`.
    public static List<Entry> entries(At at, Fd directory) throws LinuxException {
        List<Entry> entries = new ArrayList<>();
        for (ByteBuffer some = at.entries(directory); some.hasRemaining(); some = at.entries(directory)) {
            while (some.hasRemaining()) {
                int start = some.position();
                int length = Short.toUnsignedInt(some.getShort(start + 16));
                byte type = some.get(start + 18);
                int end = start + NAME_OFFSET;
                while (some.get(end) != 0) {
                    end++;
                }
                byte[] name = new byte[end - start - NAME_OFFSET];
                some.get(start + NAME_OFFSET, name);
                if (!isDot(name)) {
                    entries.add(new Entry(name, type == DIRECTORY_ENTRY));
                }
                some.position(start + length);
            }
        }
        return entries;
    }

    private static boolean isDot(byte[] name) {
        return name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
    }
}
