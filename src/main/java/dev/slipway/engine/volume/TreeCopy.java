package dev.slipway.engine.volume;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.TreeRemoval;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Copies a tree with everything that files have: content, owner, mode, times, extended attributes, hard links among
/// themselves. By descriptors, with names as bytes; links are copied, never followed. Used by one thread.
///
/// Sockets are left out: nobody listens behind a copy.
final class TreeCopy {
    private static final int PRIVATE = 0700;
    private static final int BUFFER_BYTES = 1 << 17;
    private static final String OVERLAY_ATTRIBUTES = "trusted.overlay.";

    private final At at = new At();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final Fd target;
    private final Map<Long, byte[]> linked = new HashMap<>();

    /// @param target directory that takes the copies; nobody else changes it meanwhile
    TreeCopy(Fd target) {
        this.target = target;
    }

    /// Copies what is in `source` into the target, and what the source itself has onto it.
    void copy(Fd source) throws LinuxException {
        copyContent(source, target, new byte[0]);
        byte[] self = {'.'};
        copyAttributes(source, target, self, at.stat(source, self));
    }

    /// @param path of `to` below the target, ended by a slash unless empty
    private void copyContent(Fd from, Fd to, byte[] path) throws LinuxException {
        try (Fd readable = at.openChild(from, new byte[] {'.'})) {
            for (TreeRemoval.Entry entry : TreeRemoval.entries(at, readable)) {
                copyEntry(from, to, entry.name(), path);
            }
        }
    }

    private void copyEntry(Fd from, Fd to, byte[] name, byte[] path) throws LinuxException {
        FileStat stat = at.stat(from, name);
        byte[] whole = join(path, name);
        byte[] twin = stat.isDirectory() || stat.links() < 2 ? null : linked.putIfAbsent(stat.inode(), whole);
        if (twin != null) {
            at.makeLink(target, twin, to, name);
            return;
        }
        switch (stat.type()) {
            case FileStat.DIRECTORY -> copyDirectory(from, to, name, join(whole, new byte[] {'/'}));
            case FileStat.REGULAR -> copyFile(from, to, name);
            case FileStat.SYMLINK -> at.makeSymlink(at.readLink(from, name), to, name);
            case FileStat.SOCKET -> {
                return;
            }
            default -> at.makeNode(to, name, stat.type() | PRIVATE, stat.device());
        }
        copyAttributes(from, to, name, stat);
    }

    private void copyDirectory(Fd from, Fd to, byte[] name, byte[] path) throws LinuxException {
        at.makeDirectory(to, name, PRIVATE);
        try (Fd source = at.openChild(from, name);
                Fd made = at.openChild(to, name)) {
            copyContent(source, made, path);
        }
    }

    private void copyFile(Fd from, Fd to, byte[] name) throws LinuxException {
        try (Fd source = at.openFile(from, name);
                Fd made = at.create(to, name, PRIVATE)) {
            for (int count = at.read(source, buffer); count > 0; count = at.read(source, buffer)) {
                at.write(made, buffer, 0, count);
            }
        }
    }

    /// Owner first, because changing it clears set-uid bits and file capabilities; times last.
    private void copyAttributes(Fd from, Fd to, byte[] name, FileStat stat) throws LinuxException {
        at.changeOwner(to, name, stat.uid(), stat.gid());
        if (stat.type() != FileStat.SYMLINK) {
            at.changeMode(to, name, stat.permissions());
        }
        copyExtendedAttributes(from, to, name);
        at.setTime(to, name, stat.seconds(), stat.nanos());
    }

    private void copyExtendedAttributes(Fd from, Fd to, byte[] name) throws LinuxException {
        String names = new String(at.attributeNames(from, name), StandardCharsets.UTF_8);
        for (String attribute : names.split("\0")) {
            if (!attribute.isEmpty() && !attribute.startsWith(OVERLAY_ATTRIBUTES)) {
                copyExtendedAttribute(from, to, name, attribute);
            }
        }
    }

    private void copyExtendedAttribute(Fd from, Fd to, byte[] name, String attribute) throws LinuxException {
        try {
            at.setAttribute(to, name, attribute, at.attribute(from, name, attribute));
        } catch (LinuxException e) {
            // The volume's file system may lack a kind of attribute; what is not there cannot be kept.
            if (e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
        }
    }

    private static byte[] join(byte[] path, byte[] name) {
        byte[] whole = Arrays.copyOf(path, path.length + name.length);
        System.arraycopy(name, 0, whole, path.length, name.length);
        return whole;
    }
}
