package dev.slipway.engine.volume;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.TreeRemoval;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/// What a tree of files takes on its file system, as du(1) counts: blocks, and a file of several names once. What
/// comes or goes while it is looked at may count or not.
///
/// @param files of all types, directories too, but for the root
public record TreeUsage(long bytes, long files) {
    public static final TreeUsage NOTHING = new TreeUsage(0, 0);

    /// No honest program makes directories as deep; what lies below counts as [#ENDLESS] bytes, so that nobody can
    /// hide there.
    static final int MOST_DEPTH = 500;

    static final long ENDLESS = 1L << 50;

    private static final int BLOCK_BYTES = 512;
    private static final byte[] SELF = {'.'};

    /// Walks through all of a directory, one that may be changed meanwhile by somebody who wishes us ill; nothing
    /// if there is none.
    public static TreeUsage of(Path directory) throws LinuxException {
        At at = new At();
        try (Fd root = at.openHost(directory)) {
            return new Walk(at).of(at.openChild(root, SELF));
        } catch (LinuxException e) {
            if (isGone(e)) {
                return NOTHING;
            }
            throw e;
        }
    }

    public TreeUsage plus(TreeUsage other) {
        return new TreeUsage(bytes + other.bytes, files + other.files);
    }

    private static boolean isGone(LinuxException e) {
        return switch (e.errno()) {
            case ENOENT, ENOTDIR, ELOOP -> true;
            default -> false;
        };
    }

    /// A directory on the way down, and those of its entries that were read and not yet looked at.
    private record Level(Fd directory, Deque<TreeRemoval.Entry> rest) {
        Level(Fd directory) {
            this(directory, new ArrayDeque<>());
        }
    }

    /// One walk; for one thread.
    private static final class Walk {
        private final At at;
        private final Deque<Level> levels = new ArrayDeque<>();
        /// Inodes of several names that were met before.
        private final Set<Long> counted = new HashSet<>();

        private long bytes;
        private long files;

        Walk(At at) {
            this.at = at;
        }

        TreeUsage of(Fd root) throws LinuxException {
            levels.add(new Level(root));
            try {
                while (!levels.isEmpty()) {
                    Level level = levels.getLast();
                    TreeRemoval.Entry entry = level.rest().poll();
                    if (entry != null) {
                        count(level.directory(), entry.name());
                    } else if (!readMore(level)) {
                        levels.removeLast().directory().close();
                    }
                }
                return new TreeUsage(bytes, files);
            } finally {
                levels.forEach(level -> level.directory().close());
            }
        }

        private boolean readMore(Level level) throws LinuxException {
            ByteBuffer some = at.entries(level.directory());
            boolean isMore = some.hasRemaining();
            TreeRemoval.addEntries(level.rest(), some);
            return isMore;
        }

        private void count(Fd directory, byte[] name) throws LinuxException {
            try {
                FileStat stat = at.stat(directory, name);
                if (!stat.isDirectory() && stat.links() > 1 && !counted.add(stat.inode())) {
                    return;
                }
                bytes += stat.blocks() * BLOCK_BYTES;
                files++;
                if (stat.isDirectory()) {
                    enter(directory, name);
                }
            } catch (LinuxException e) {
                if (!isGone(e)) {
                    throw e;
                }
            }
        }

        private void enter(Fd directory, byte[] name) throws LinuxException {
            if (levels.size() < MOST_DEPTH) {
                levels.add(new Level(at.openChild(directory, name)));
            } else {
                bytes += ENDLESS;
            }
        }
    }
}
