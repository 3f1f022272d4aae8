package dev.slipway.engine.volume;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.ProjectQuota;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.quota.ProjectId;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// Makes all files of a tree join a project. Containers may change it meanwhile: a directory joins before it is read,
/// so that what is made in it later is of the project. Links, devices, sockets and fifos stay as they are, because only
/// what can be opened can join; they take next to nothing. So do file systems that are mounted below, and what lies
/// deeper than [TreeUsage#MOST_DEPTH]. What somebody has made immutable stays as it is, too: it takes what it takes and
/// grows no more.
final class ProjectTree {
    private static final byte[] SELF = {'.'};

    private final At at = new At();
    private final Deque<Level> levels = new ArrayDeque<>();
    private final ProjectId project;
    private final long filesystem;
    private long immutable;

    /// A directory on the way down, and those of its entries that were read and not yet looked at.
    private record Level(Fd directory, Deque<TreeRemoval.Entry> rest) {}

    private ProjectTree(ProjectId project, long filesystem) {
        this.project = project;
        this.filesystem = filesystem;
    }

    /// @return how many files are immutable, and so have not joined
    static long join(Path tree, ProjectId project) throws LinuxException {
        try (Fd root = ProjectQuota.open(tree)) {
            At at = new At();
            ProjectTree walk = new ProjectTree(project, at.stat(root).filesystem());
            walk.walk(at.openChild(root, SELF));
            return walk.immutable;
        }
    }

    private void walk(Fd root) throws LinuxException {
        add(root);
        try {
            join(root, true);
            while (!levels.isEmpty()) {
                Level level = levels.getLast();
                TreeRemoval.Entry entry = level.rest().poll();
                if (entry != null) {
                    look(level.directory(), entry.name());
                } else if (!readMore(level)) {
                    levels.removeLast().directory().close();
                }
            }
        } finally {
            levels.forEach(level -> level.directory().close());
        }
    }

    /// From here on it is closed whatever happens.
    private void add(Fd directory) {
        levels.add(new Level(directory, new ArrayDeque<>()));
    }

    private boolean readMore(Level level) throws LinuxException {
        ByteBuffer some = at.entries(level.directory());
        boolean isMore = some.hasRemaining();
        TreeRemoval.addEntries(level.rest(), some);
        return isMore;
    }

    private void look(Fd directory, byte[] name) throws LinuxException {
        Optional<FileStat> stat = at.find(directory, name).filter(found -> found.filesystem() == filesystem);
        if (stat.isEmpty()) {
            return;
        }
        if (stat.get().isDirectory() && levels.size() < TreeUsage.MOST_DEPTH) {
            Optional<Fd> child = open(() -> at.openChild(directory, name));
            if (child.isPresent()) {
                add(child.get());
                join(child.get(), true);
            }
        } else if (stat.get().type() == FileStat.REGULAR) {
            Optional<Fd> file = open(() -> at.openFile(directory, name));
            if (file.isPresent()) {
                try (Fd found = file.get()) {
                    join(found, false);
                }
            }
        }
    }

    /// The flag could be taken off for that moment; but it is somebody's, who may rely on it.
    private void join(Fd file, boolean isPassedOn) throws LinuxException {
        try {
            ProjectQuota.join(file, new ProjectQuota.Membership(project.value(), isPassedOn));
        } catch (LinuxException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            immutable++;
        }
    }

    @FunctionalInterface
    private interface Opening {
        Fd open() throws LinuxException;
    }

    /// Empty if it is gone, or something else by now, which has joined when it was made.
    private static Optional<Fd> open(Opening opening) throws LinuxException {
        try {
            return Optional.of(opening.open());
        } catch (LinuxException e) {
            return switch (e.errno()) {
                case ENOENT, ENOTDIR, ELOOP, EINVAL -> Optional.empty();
                default -> throw e;
            };
        }
    }
}
