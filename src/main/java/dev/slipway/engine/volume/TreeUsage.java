package dev.slipway.engine.volume;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.ProjectQuota;
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

    /// No honest program makes directories as deep; with anything below the tree counts as [#ENDLESS] bytes, so
    /// that nobody can hide there.
    static final int MOST_DEPTH = 500;

    static final long ENDLESS = 1L << 50;

    /// So many files of several names are remembered; a further one counts with a share for each of its names.
    static final int MOST_TWINS = 200_000;

    private static final int BLOCK_BYTES = 512;
    private static final byte[] SELF = {'.'};

    /// Walks through all of a directory, one that may be changed meanwhile by somebody who wishes us ill; nothing
    /// if there is none.
    public static TreeUsage of(Path directory) throws LinuxException {
        return of(directory, MOST_TWINS);
    }

    /// What the file system has counted.
    ///
    /// @param own directories of the tree that are nobody's files, its root first of all
    public static TreeUsage counted(ProjectQuota.Usage usage, int own) {
        return new TreeUsage(usage.bytes(), Math.max(0, usage.files() - own));
    }

    static TreeUsage of(Path directory, int mostTwins) throws LinuxException {
        At at = new At();
        try (Fd root = at.openHost(directory)) {
            return new Walk(at, mostTwins).of(at.openChild(root, SELF));
        } catch (LinuxException e) {
            if (isGone(e)) {
                return NOTHING;
            }
            throw e;
        }
    }

    public TreeUsage plus(TreeUsage other) {
        return new TreeUsage(sum(bytes, other.bytes), sum(files, other.files));
    }

    /// The largest number rather than one below zero.
    private static long sum(long one, long other) {
        return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
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
        private final int mostTwins;
        private final Deque<Level> levels = new ArrayDeque<>();
        /// Inodes of several names that were met before.
        private final Set<Long> counted = new HashSet<>();

        private long bytes;
        private long files;
        private boolean isEndless;

        Walk(At at, int mostTwins) {
            this.at = at;
            this.mostTwins = mostTwins;
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
                return new TreeUsage(isEndless ? sum(bytes, ENDLESS) : bytes, files);
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
                if (isCounted(stat)) {
                    return;
                }
                bytes = sum(bytes, bytes(stat));
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

        /// Whether it is one more name of what was counted before.
        private boolean isCounted(FileStat stat) {
            return hasTwins(stat)
                    && (counted.size() < mostTwins ? !counted.add(stat.inode()) : counted.contains(stat.inode()));
        }

        /// Of what is not remembered the share of one name.
        private long bytes(FileStat stat) {
            long whole = stat.blocks() * BLOCK_BYTES;
            return hasTwins(stat) && !counted.contains(stat.inode()) ? whole / stat.links() : whole;
        }

        private static boolean hasTwins(FileStat stat) {
            return !stat.isDirectory() && stat.links() > 1;
        }

        private void enter(Fd directory, byte[] name) throws LinuxException {
            if (levels.size() < MOST_DEPTH) {
                levels.add(new Level(at.openChild(directory, name)));
            } else {
                isEndless = true;
            }
        }
    }
}
