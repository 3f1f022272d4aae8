package dev.slipway.engine.linux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/// Removes a directory with all below it, by descriptors: names may be any bytes, links are never followed, and
/// mounts below it are not entered (their removal fails with EBUSY).
///
/// Containers can nest directories deeper than a stack, the limit of descriptors or PATH_MAX allow. What is deeper
/// than [#MOST_DEPTH] is moved up to the top of the tree first, so a removal needs few descriptors and little
/// memory however the tree looks.
public final class TreeRemoval {
    private static final int MOST_DEPTH = 64;
    private static final int DIRECTORY_ENTRY = 4;
    private static final int NAME_OFFSET = 19;

    private final At at;
    private final Fd parent;
    private final Deque<Level> levels = new ArrayDeque<>();
    private int moved;

    private TreeRemoval(At at, Fd parent) {
        this.at = at;
        this.parent = parent;
    }

    /// Removes `tree`; nothing happens if it is not there.
    public static void remove(Path tree) throws LinuxException {
        Path absolute = tree.toAbsolutePath();
        Path parent = Objects.requireNonNull(absolute.getParent(), "the root of the host is not removed");
        byte[] name = Objects.requireNonNull(absolute.getFileName()).toString().getBytes(StandardCharsets.UTF_8);
        At at = new At();
        try (Fd directory = at.openHost(parent)) {
            removeAll(at, directory, name);
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
                case EISDIR, EPERM -> new TreeRemoval(at, parent).removeDirectory(name);
                default -> throw e;
            }
            return true;
        }
    }

    /// @param isDirectory by the type in the entry; false also for file systems that do not say
    public record Entry(byte[] name, boolean isDirectory) {}

    /// All entries of a directory opened for reading, without `.` and `..`.
    public static List<Entry> entries(At at, Fd directory) throws LinuxException {
        return entries(at, directory, Integer.MAX_VALUE);
    }

    /// As above, for who cannot keep more than `most`: a directory with more is EFBIG.
    public static List<Entry> entries(At at, Fd directory, int most) throws LinuxException {
        List<Entry> entries = new ArrayList<>();
        for (ByteBuffer some = at.entries(directory); some.hasRemaining(); some = at.entries(directory)) {
            addEntries(entries, some);
            if (entries.size() > most) {
                throw new LinuxException(Errno.EFBIG.number(), "read", "directory of more than " + most + " entries");
            }
        }
        return entries;
    }

    /// A directory on the way down, and those of its entries that were read and are still to be removed.
    private static final class Level {
        private final Fd directory;
        private final byte[] name;
        private final Deque<Entry> rest = new ArrayDeque<>();
        private boolean isEmptied;

        Level(Fd directory, byte[] name) {
            this.directory = directory;
            this.name = name;
        }
    }

    private void removeDirectory(byte[] name) throws LinuxException {
        try {
            enter(parent, name);
            while (!levels.isEmpty()) {
                Level level = levels.getLast();
                Entry entry = level.rest.poll();
                if (entry != null) {
                    removeEntry(level, entry);
                } else if (!readMore(level)) {
                    leave(level);
                }
            }
        } finally {
            levels.forEach(level -> level.directory.close());
        }
    }

    private void removeEntry(Level level, Entry entry) throws LinuxException {
        if (!entry.isDirectory() && isRemovedAsFile(level.directory, entry.name())) {
            return;
        }
        try {
            if (levels.size() < MOST_DEPTH) {
                enter(level.directory, entry.name());
            } else {
                moveUp(level.directory, entry.name());
            }
        } catch (LinuxException e) {
            requireGone(e);
        }
    }

    /// What somebody else has removed meanwhile need not be removed.
    private static void requireGone(LinuxException e) throws LinuxException {
        if (e.errno() != Errno.ENOENT) {
            throw e;
        }
    }

    private boolean isRemovedAsFile(Fd directory, byte[] name) throws LinuxException {
        try {
            at.removeFile(directory, name);
            return true;
        } catch (LinuxException e) {
            if (e.errno() == Errno.EISDIR || e.errno() == Errno.EPERM) {
                return false;
            }
            requireGone(e);
            return true;
        }
    }

    private void enter(Fd directory, byte[] name) throws LinuxException {
        levels.add(new Level(at.openChild(directory, name), name));
    }

    /// The top of the tree is read again before it is removed, and finds it.
    private void moveUp(Fd directory, byte[] name) throws LinuxException {
        while (true) {
            byte[] above = ("deep-" + moved++).getBytes(StandardCharsets.US_ASCII);
            try {
                at.rename(directory, name, levels.getFirst().directory, above);
                return;
            } catch (LinuxException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw e;
                }
            }
        }
    }

    /// A directory that somebody else has removed cannot be read.
    private boolean readMore(Level level) throws LinuxException {
        try {
            return readSome(level);
        } catch (LinuxException e) {
            requireGone(e);
            return false;
        }
    }

    private boolean readSome(Level level) throws LinuxException {
        for (ByteBuffer some = at.entries(level.directory); some.hasRemaining(); some = at.entries(level.directory)) {
            addEntries(level.rest, some);
            if (!level.rest.isEmpty()) {
                level.isEmptied = false;
                return true;
            }
        }
        return false;
    }

    /// Removes a directory that was read to its end. Some file systems pass over entries while others go, and then
    /// there is more to read from the start.
    private void leave(Level level) throws LinuxException {
        Fd above = levels.size() == 1 ? parent : secondLast().directory;
        try {
            at.removeDirectory(above, level.name);
            levels.removeLast().directory.close();
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                levels.removeLast().directory.close();
            } else if (e.errno() != Errno.ENOTEMPTY || level.isEmptied) {
                throw e;
            } else {
                level.isEmptied = true;
                at.seek(level.directory, 0);
            }
        }
    }

    private Level secondLast() {
        Iterator<Level> above = levels.descendingIterator();
        above.next();
        return above.next();
    }

    /// Adds the entries of [At#entries] but for `.` and `..`.
    public static void addEntries(Collection<Entry> entries, ByteBuffer some) {
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

    private static boolean isDot(byte[] name) {
        return name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
    }
}
