package dev.slipway.engine.volume;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// Gives a tree to a group, as the kubelet does: each file belongs to the group and can be read (and written) by it,
/// and what is made in a directory later belongs to the group too.
///
/// Other containers may change the tree meanwhile. So each file is opened without following a link, looked at and
/// changed by that descriptor: whatever stands at its name later, nothing outside of the tree is touched. Mounts below
/// the root and device nodes stay as they are. One descriptor is open however deep the tree is; on the way up `..`
/// must be the directory that the walk came from, or else it fails.
///
/// The root comes last: when it is the group's, all is.
final class GroupOwnership {
    static final int READ = 0440;
    private static final int READ_AND_WRITE = 0660;
    private static final int SET_GROUP_ID = 02000;
    private static final byte[] SELF = {'.'};
    private static final byte[] ABOVE = {'.', '.'};

    private final At at = new At();
    private final Deque<Level> levels = new ArrayDeque<>();
    private final int gid;
    private final int fileMode;
    private final int directoryMode;

    /// Where the walk has been, and the directories that it has still to enter there.
    private record Level(FileStat directory, Deque<byte[]> rest) {}

    private GroupOwnership(int gid, int fileMode) {
        this.gid = gid;
        this.fileMode = fileMode;
        this.directoryMode = SET_GROUP_ID | fileMode | 0110;
    }

    /// Lets the group write.
    ///
    /// @throws IOException also when a directory was moved away while the walk was in it; nothing wrong was done,
    ///     and another call goes on
    static void give(Path root, VolumeGroup group) throws IOException {
        GroupOwnership ownership = new GroupOwnership(group.gid(), READ_AND_WRITE);
        try (Fd volume = ownership.at.openHost(root)) {
            if (group.policy() == VolumeGroup.ChangePolicy.ALWAYS || !ownership.isGiven(volume)) {
                ownership.giveAll(volume);
            }
        } catch (LinuxException e) {
            throw new IOException(
                    "give volume %s to group %d: %s".formatted(root.getFileName(), group.gid(), e.getMessage()), e);
        }
    }

    /// Lets the group read.
    static void giveToRead(Path root, int gid) throws IOException {
        GroupOwnership ownership = new GroupOwnership(gid, READ);
        try (Fd volume = ownership.at.openHost(root)) {
            ownership.giveAll(volume);
        }
    }

    private boolean isGiven(Fd volume) throws LinuxException {
        FileStat stat = at.stat(volume);
        return stat.gid() == gid && (stat.mode() & directoryMode) == directoryMode;
    }

    private void giveAll(Fd volume) throws LinuxException {
        Fd current = begin(volume);
        try {
            while (!levels.isEmpty()) {
                Fd next = next(current);
                if (next != current) {
                    current.close();
                    current = next;
                }
            }
        } finally {
            current.close();
        }
        change(volume, at.stat(volume));
    }

    /// Enters the next directory below, or goes up.
    private Fd next(Fd current) throws LinuxException {
        byte[] name = levels.element().rest().poll();
        if (name != null) {
            return enter(current, name).orElse(current);
        }
        levels.pop();
        return levels.isEmpty() ? current : leave(current);
    }

    private Optional<Fd> enter(Fd current, byte[] name) throws LinuxException {
        Optional<Fd> node = at.findNode(current, name);
        if (node.isEmpty()) {
            return Optional.empty();
        }
        try (Fd found = node.get()) {
            FileStat stat = at.stat(found);
            change(found, stat);
            return stat.isDirectory() ? Optional.of(begin(found)) : Optional.empty();
        }
    }

    private Fd begin(Fd node) throws LinuxException {
        Fd directory = at.openChild(node, SELF);
        try {
            levels.push(read(directory));
            return directory;
        } catch (LinuxException e) {
            directory.close();
            throw e;
        }
    }

    private Fd leave(Fd current) throws LinuxException {
        Fd above = at.openChild(current, ABOVE);
        FileStat known = levels.element().directory();
        FileStat found = at.stat(above);
        if (found.inode() != known.inode() || found.filesystem() != known.filesystem()) {
            above.close();
            throw new LinuxException(Errno.ESTALE.number(), "leave", "a directory that was moved meanwhile");
        }
        return above;
    }

    /// Changes the files of a directory and notes its directories.
    private Level read(Fd directory) throws LinuxException {
        Deque<byte[]> rest = new ArrayDeque<>();
        for (TreeRemoval.Entry entry : TreeRemoval.entries(at, directory)) {
            Optional<Fd> node = at.findNode(directory, entry.name());
            if (node.isPresent()) {
                try (Fd found = node.get()) {
                    FileStat stat = at.stat(found);
                    if (stat.isDirectory()) {
                        rest.add(entry.name());
                    } else {
                        change(found, stat);
                    }
                }
            }
        }
        return new Level(at.stat(directory), rest);
    }

    /// The group first: to change it clears bits of the mode. A program that ran with the rights of its group does
    /// not run with those of the new one.
    private void change(Fd node, FileStat stat) throws LinuxException {
        boolean isDevice = stat.type() == FileStat.CHARACTER_DEVICE || stat.type() == FileStat.BLOCK_DEVICE;
        if (isDevice) {
            return;
        }
        if (stat.gid() != gid) {
            at.changeNodeOwner(node, -1, gid);
        }
        int mode =
                stat.isDirectory() ? stat.permissions() | directoryMode : stat.permissions() & ~SET_GROUP_ID | fileMode;
        if (stat.type() != FileStat.SYMLINK && (mode != stat.permissions() || stat.gid() != gid)) {
            at.changeNodeMode(node, mode);
        }
    }
}
