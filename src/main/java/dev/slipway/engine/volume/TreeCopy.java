package dev.slipway.engine.volume;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileContent;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.TreeRemoval;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Copies a tree with everything that files have: content, holes, owner, mode, times, extended attributes, hard links
/// among themselves. Blocks are shared where the file system can. By descriptors, with names as bytes; links are
/// copied, never followed. Used by one thread.
///
/// Containers may change the source meanwhile: what goes while it is looked at is left out, and nothing outside of the
/// tree is read whatever they do. Two descriptors are open however deep the tree is; on the way up `..` must be the
/// directory that the walk came from, or else it fails.
///
/// Memory is bounded ([Bounds]): a directory is read piece by piece, and of what is remembered on the way there must
/// not be too much.
///
/// Sockets are left out: nobody listens behind a copy. So is what is mounted below the source.
final class TreeCopy {
    private static final int PRIVATE = 0700;
    private static final byte[] SELF = {'.'};
    private static final byte[] ABOVE = {'.', '.'};
    private static final byte[] NO_NAME = {};
    /// Of a directory whose path is longer than one that a call takes: nothing below can be linked.
    private static final byte[] TOO_LONG = new byte[At.LONGEST_PATH];

    private static final int BYTES_OF_TWIN = 150;

    /// How much a copy remembers at most; a tree that asks for more is not copied.
    ///
    /// @param depth of directories inside one another
    /// @param directories that are still to be entered
    /// @param twinBytes of memory for files of several names, of which not all were met
    record Bounds(int depth, int directories, long twinBytes) {
        static final Bounds STANDARD = new Bounds(10_000, 500_000, 64L << 20);
    }

    /// A file of several names that was copied under one of them.
    ///
    /// @param left how many names were not met yet
    private record Twin(byte[] path, long left) {}

    private final At at = new At();
    private final FileContent content = new FileContent(at);
    private final Fd target;
    private final Bounds bounds;
    private final Map<Long, Twin> twins = new HashMap<>();
    private final Deque<Level> levels = new ArrayDeque<>();
    private int waitingDirectories;
    private long twinBytes;

    /// A directory on the way down, and those in it that are still to be entered.
    ///
    /// @param path below the target, ended by a slash unless empty
    private record Level(FileStat stat, byte[] path, Deque<byte[]> rest) {}

    /// A directory of the source, and its copy.
    private record Pair(Fd from, Fd to) implements AutoCloseable {
        @Override
        public void close() {
            from.close();
            to.close();
        }
    }

    /// @param target directory that takes the copies; nobody else changes it meanwhile
    TreeCopy(Fd target) {
        this(target, Bounds.STANDARD);
    }

    TreeCopy(Fd target, Bounds bounds) {
        this.target = target;
        this.bounds = bounds;
    }

    /// Copies what is in `source` into the target, and what the source itself has onto it.
    ///
    /// @throws LinuxException also when a directory was moved away while the walk was in it
    void copy(Fd source) throws LinuxException {
        Pair current = begin(source, SELF, target, SELF, NO_NAME);
        try {
            while (!levels.isEmpty()) {
                Pair next = next(current);
                if (next != current) {
                    current.close();
                    current = next;
                }
            }
        } finally {
            current.close();
        }
    }

    /// Whether the copies share their blocks with the source.
    boolean isShared() {
        return content.isShareable();
    }

    /// Enters the next directory below, or goes up.
    private Pair next(Pair current) throws LinuxException {
        Level level = levels.element();
        byte[] name = level.rest().poll();
        if (name != null) {
            waitingDirectories--;
            return enter(current, level, name).orElse(current);
        }
        levels.pop();
        content.copyAttributes(current.from(), current.to(), SELF, level.stat());
        return levels.isEmpty() ? current : leave(current);
    }

    private Optional<Pair> enter(Pair current, Level level, byte[] name) throws LinuxException {
        Optional<Fd> node = at.findNode(current.from(), name);
        if (node.isEmpty()) {
            return Optional.empty();
        }
        try (Fd found = node.get()) {
            require(levels.size() < bounds.depth(), bounds.depth(), "directories inside one another");
            at.makeDirectory(current.to(), name, PRIVATE);
            return Optional.of(begin(found, SELF, current.to(), name, join(level.path(), name, '/')));
        }
    }

    /// Opens a directory and its copy, and copies all in it but directories.
    private Pair begin(Fd source, byte[] name, Fd copy, byte[] copyName, byte[] path) throws LinuxException {
        Fd from = at.openChild(source, name);
        try {
            Fd to = at.openChild(copy, copyName);
            try {
                levels.push(copyFiles(from, to, path));
                return new Pair(from, to);
            } catch (LinuxException e) {
                to.close();
                throw e;
            }
        } catch (LinuxException e) {
            from.close();
            throw e;
        }
    }

    private Pair leave(Pair current) throws LinuxException {
        Fd from = at.openChild(current.from(), ABOVE);
        try {
            FileStat known = levels.element().stat();
            FileStat found = at.stat(from);
            if (found.inode() != known.inode() || found.filesystem() != known.filesystem()) {
                throw new LinuxException(Errno.ESTALE.number(), "leave", "a directory that was moved meanwhile");
            }
            return new Pair(from, at.openChild(current.to(), ABOVE));
        } catch (LinuxException e) {
            from.close();
            throw e;
        }
    }

    private Level copyFiles(Fd from, Fd to, byte[] path) throws LinuxException {
        FileStat stat = at.stat(from);
        Deque<byte[]> directories = new ArrayDeque<>();
        for (List<TreeRemoval.Entry> some = entries(from); !some.isEmpty(); some = entries(from)) {
            for (TreeRemoval.Entry entry : some) {
                Optional<FileStat> found = at.find(from, entry.name());
                if (found.isEmpty()) {
                    continue;
                }
                if (found.get().isDirectory()) {
                    waitingDirectories++;
                    require(
                            waitingDirectories <= bounds.directories(),
                            bounds.directories(),
                            "directories side by side");
                    directories.add(entry.name());
                } else {
                    copyEntry(from, to, entry.name(), found.get(), path);
                }
            }
        }
        return new Level(stat, path, directories);
    }

    private static void require(boolean isWithin, long most, String what) throws LinuxException {
        if (!isWithin) {
            throw new LinuxException(Errno.EFBIG.number(), "copy", "a tree with more than %d %s".formatted(most, what));
        }
    }

    /// Further ones; none at the end. A directory that was removed while it is open has nothing in it.
    private List<TreeRemoval.Entry> entries(Fd directory) throws LinuxException {
        try {
            List<TreeRemoval.Entry> some = new ArrayList<>();
            ByteBuffer read = at.entries(directory);
            while (some.isEmpty() && read.hasRemaining()) {
                TreeRemoval.addEntries(some, read);
                if (some.isEmpty()) {
                    read = at.entries(directory);
                }
            }
            return some;
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            return List.of();
        }
    }

    private void copyEntry(Fd from, Fd to, byte[] name, FileStat stat, byte[] path) throws LinuxException {
        byte[] whole = join(path, name);
        boolean hasTwins = stat.links() > 1 && stat.type() != FileStat.SOCKET && whole.length < At.LONGEST_PATH;
        Twin twin = hasTwins ? twins.get(stat.inode()) : null;
        if (twin != null) {
            at.makeLink(target, twin.path(), to, name);
            remember(stat.inode(), new Twin(twin.path(), twin.left() - 1));
            return;
        }
        try {
            if (stat.type() != FileStat.SOCKET) {
                content.copyNode(from, to, name, stat);
            }
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT || at.find(from, name).isPresent()) {
                throw e;
            }
            TreeRemoval.removeAll(at, to, name);
            return;
        }
        if (hasTwins) {
            remember(stat.inode(), new Twin(whole, stat.links() - 1));
        }
    }

    private void remember(long inode, Twin twin) throws LinuxException {
        long size = BYTES_OF_TWIN + (long) twin.path().length;
        if (twin.left() <= 0) {
            twinBytes -= twins.remove(inode) == null ? 0 : size;
        } else if (twins.put(inode, twin) == null) {
            twinBytes += size;
            require(twinBytes <= bounds.twinBytes(), twins.size(), "files of several names");
        }
    }

    private static byte[] join(byte[] path, byte[] name, char... end) {
        if (path.length + name.length + end.length >= At.LONGEST_PATH) {
            return TOO_LONG;
        }
        byte[] whole = Arrays.copyOf(path, path.length + name.length + end.length);
        System.arraycopy(name, 0, whole, path.length, name.length);
        for (int i = 0; i < end.length; i++) {
            whole[path.length + name.length + i] = (byte) end[i];
        }
        return whole;
    }
}
