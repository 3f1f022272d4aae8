package dev.slipway.engine.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Copies files, and what regular ones contain as cheaply as their file system allows: it shares the blocks where it
/// can (reflink), which costs neither time nor space; elsewhere data are copied, and holes stay holes. Also reserves
/// room for it. Belongs to one thread.
///
/// @spec https://man7.org/linux/man-pages/man2/fallocate.2.html fallocate(2): FALLOC_FL_KEEP_SIZE
/// @spec https://man7.org/linux/man-pages/man2/ioctl_ficlone.2.html FICLONE(2const)
/// @spec https://man7.org/linux/man-pages/man2/lseek.2.html lseek(2): SEEK_DATA, SEEK_HOLE
public final class FileContent {
    private static final long FICLONE = 0x40049409L;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final long KEEP_SIZE = 1;
    private static final int PRIVATE = 0700;
    private static final String OVERLAY_ATTRIBUTES = "trusted.overlay.";
    private static final int BUFFER_BYTES = 1 << 17;

    private final At at;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private boolean isShareable = true;

    public FileContent(At at) {
        this.at = at;
    }

    /// Opens a file of the host for [#reserve].
    public static Fd openToReserve(Path file) throws LinuxException {
        return Fd.open(file, Fd.O_WRONLY);
    }

    /// Reserves what a file needs to be `bytes` long, so that a full disk cannot keep it from that, and does not
    /// change its size. What is reserved already costs nothing.
    ///
    /// @throws LinuxException also when there is no room, or the file system cannot do it (`EOPNOTSUPP`)
    public static void reserve(Fd file, long bytes) throws LinuxException {
        Syscalls.call(SyscallNumber.FALLOCATE, file.toString(), file.number(), KEEP_SIZE, 0, bytes);
    }

    /// Where the first byte at `offset` or behind it is that may not be a zero; `size`, which is that of the file,
    /// if there is none. Of a file system that does not know its holes this is `offset`. Moves the place of the
    /// next read.
    public static long nextData(Fd file, long offset, long size) throws LinuxException {
        return seek(file, offset, SEEK_DATA, size);
    }

    /// Makes `target`, which is empty and open for writing, contain what `source` does.
    public void copy(Fd source, Fd target) throws LinuxException {
        if (!share(source, target)) {
            copyData(source, target);
        }
    }

    /// Whether the last file that was asked for shares its blocks with the source, and so will the next.
    public boolean isShareable() {
        return isShareable;
    }

    /// Makes a file of the same name in another directory, which is like that in `from` in all, but is a file of
    /// its own.
    ///
    /// @param stat of the file, which is no directory
    public void copyNode(Fd from, Fd to, byte[] name, FileStat stat) throws LinuxException {
        switch (stat.type()) {
            case FileStat.REGULAR -> copyFile(from, to, name);
            case FileStat.SYMLINK -> at.makeSymlink(at.readLink(from, name), to, name);
            default -> at.makeNode(to, name, stat.type() | PRIVATE, stat.device());
        }
        copyAttributes(from, to, name, stat);
    }

    private void copyFile(Fd from, Fd to, byte[] name) throws LinuxException {
        try (Fd source = at.openFile(from, name);
                Fd made = at.create(to, name, PRIVATE)) {
            copy(source, made);
        }
    }

    /// Gives the file of this name in `to` owner, mode, extended attributes and times of that in `from`. Those
    /// attributes that it has already, and those of overlayfs, stay as they are.
    public void copyAttributes(Fd from, Fd to, byte[] name, FileStat stat) throws LinuxException {
        // Owner first, because changing it clears set-uid bits and file capabilities; times last.
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
            // The other file system may lack a kind of attribute, and somebody may just have taken this one away; what
            // is not there cannot be kept.
            if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.ENODATA) {
                throw e;
            }
        }
    }

    private boolean share(Fd source, Fd target) throws LinuxException {
        if (!isShareable) {
            return false;
        }
        long result = Syscalls.tryCall(SyscallNumber.IOCTL, target.number(), FICLONE, source.number());
        if (result >= 0) {
            return true;
        }
        switch (Errno.of((int) -result)) {
            // Of this file alone, for instance one that is used for swapping.
            case EINVAL, ETXTBSY -> {
                return false;
            }
            // Of the file systems.
            case EOPNOTSUPP, ENOTTY, EXDEV, EBADF, ENOSYS -> {
                isShareable = false;
                return false;
            }
            default -> throw new LinuxException((int) -result, "FICLONE", "file");
        }
    }

    private void copyData(Fd source, Fd target) throws LinuxException {
        long size = at.stat(source).size();
        long end = 0;
        while (end < size) {
            long begin = nextData(source, end, size);
            end = seek(source, begin, SEEK_HOLE, size);
            copyRange(source, target, begin, end);
        }
        at.truncate(target, size);
    }

    /// @return `size` also when there is nothing behind `offset` any more
    private static long seek(Fd file, long offset, int whence, long size) throws LinuxException {
        long result = Syscalls.tryCall(SyscallNumber.LSEEK, file.number(), offset, whence);
        if (result == -Errno.ENXIO.number()) {
            return size;
        }
        if (result < 0) {
            throw new LinuxException((int) -result, "lseek", "file");
        }
        return Math.min(result, size);
    }

    private void copyRange(Fd source, Fd target, long begin, long end) throws LinuxException {
        at.seek(source, begin);
        at.seek(target, begin);
        for (long left = end - begin; left > 0; ) {
            int count = (int) Math.min(at.read(source, buffer), left);
            if (count == 0) {
                return;
            }
            at.write(target, buffer, 0, count);
            left -= count;
        }
    }
}
