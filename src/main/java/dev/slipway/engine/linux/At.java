package dev.slipway.engine.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import jnr.ffi.Pointer;

/// File calls relative to open directories, with names as bytes. An instance keeps native buffers and belongs to
/// one thread; descriptors may be shared.
///
/// No call follows a link in its last name. Only [#openDirectory] follows links on the way, not out of its root.
///
/// @spec https://man7.org/linux/man-pages/man2/openat2.2.html openat2(2)
public final class At {
    /// Longest path or link target, in bytes with the NUL; the kernel's PATH_MAX.
    public static final int LONGEST_PATH = 4096;

    private static final int O_WRONLY = 1;
    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_CLOEXEC = 02000000;
    private static final int O_PATH = 010000000;
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final int O_DIRECTORY = ARM ? 040000 : 0200000;
    private static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
    private static final long RESOLVE_NO_XDEV = 0x01;
    private static final long RESOLVE_NO_MAGICLINKS = 0x02;
    private static final long RESOLVE_IN_ROOT = 0x10;
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int RENAME_NOREPLACE = 1;
    private static final int OPEN_HOW_BYTES = 24;
    private static final int IO_BYTES = 1 << 17;
    private static final int MOST_ATTEMPTS = 1000;

    private final Pointer path = Syscalls.buffer(LONGEST_PATH);
    private final Pointer other = Syscalls.buffer(LONGEST_PATH);
    private final Pointer how = Syscalls.buffer(OPEN_HOW_BYTES);
    private final Pointer times = Syscalls.buffer(32);
    private final Pointer io = Syscalls.buffer(IO_BYTES);
    private final Pointer statx = Syscalls.buffer(FileStat.STATX_BYTES);

    /// Opens a directory of the host that Slipway chose.
    public Fd openHost(Path directory) throws LinuxException {
        byte[] name = directory.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
        return openHow(AT_FDCWD, name, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    }

    /// Opens the directory `name` names inside `root`, as if `root` were `/`.
    public Fd openDirectory(Fd root, byte[] name) throws LinuxException {
        byte[] inside = name.length == 0 ? new byte[] {'.'} : name;
        for (int attempt = 1; ; attempt++) {
            try {
                return openHow(
                        root.number(),
                        inside,
                        O_PATH | O_DIRECTORY | O_CLOEXEC,
                        RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
            } catch (LinuxException e) {
                // The kernel gives up on `..` when anything on the host was renamed or mounted meanwhile.
                if (e.errno() != Errno.EAGAIN || attempt == MOST_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /// Opens the directory `name` itself, which must be no link.
    public Fd openChild(Fd directory, byte[] name) throws LinuxException {
        return openHow(directory.number(), name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    }

    /// Opens whatever `name` is, a link itself, to look at it and to change what it has: not its content. Empty if
    /// there is none, or something is mounted there.
    public Optional<Fd> findNode(Fd directory, byte[] name) throws LinuxException {
        try {
            return Optional.of(openHow(directory.number(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC, RESOLVE_NO_XDEV));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.EXDEV) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// Makes a file that was not there, for writing.
    public Fd create(Fd directory, byte[] name, int mode) throws LinuxException {
        return openHow(directory.number(), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode, 0);
    }

    /// Opens a regular file for reading. Anything else is refused (EINVAL) without being opened: to open a fifo
    /// waits for a writer, and to open a device does something.
    public Fd openFile(Fd directory, byte[] name) throws LinuxException {
        try (Fd place = openHow(directory.number(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0)) {
            if (stat(place).type() != FileStat.REGULAR) {
                throw new LinuxException(Errno.EINVAL.number(), "open as a file", text(name));
            }
            return openHow(AT_FDCWD, itself(place), O_CLOEXEC, 0);
        }
    }

    /// Writes all of `bytes`.
    public void write(Fd file, byte[] bytes, int offset, int length) throws LinuxException {
        int done = 0;
        while (done < length) {
            int count = Math.min(length - done, IO_BYTES);
            io.put(0, bytes, offset + done, count);
            int written = 0;
            while (written < count) {
                written +=
                        (int) call(SyscallNumber.WRITE, "file", file.number(), io.address() + written, count - written);
            }
            done += count;
        }
    }

    /// Reads up to the length of `bytes`.
    ///
    /// @return how many bytes came, 0 at the end
    public int read(Fd file, byte[] bytes) throws LinuxException {
        int wanted = Math.min(bytes.length, IO_BYTES);
        int count = (int) call(SyscallNumber.READ, "file", file.number(), io.address(), wanted);
        io.get(0, bytes, 0, count);
        return count;
    }

    /// Sets the length of a file; what was not written reads as zeros and takes no space.
    public void truncate(Fd file, long length) throws LinuxException {
        call(SyscallNumber.FTRUNCATE, "file", file.number(), length);
    }

    /// Moves the place of the next write.
    public void seek(Fd file, long offset) throws LinuxException {
        call(SyscallNumber.LSEEK, "file", file.number(), offset, 0);
    }

    public void makeDirectory(Fd directory, byte[] name, int mode) throws LinuxException {
        call(SyscallNumber.MKDIRAT, text(name), directory.number(), put(path, name), mode);
    }

    public void makeSymlink(byte[] target, Fd directory, byte[] name) throws LinuxException {
        call(SyscallNumber.SYMLINKAT, text(name), put(path, target), directory.number(), put(other, name));
    }

    /// Makes `name` another name of a file; a link as `from` is linked itself.
    public void makeLink(Fd fromDirectory, byte[] from, Fd directory, byte[] name) throws LinuxException {
        name(SyscallNumber.LINKAT, fromDirectory, from, directory, name, 0);
    }

    /// Gives a file another name, which must be free (EEXIST).
    public void rename(Fd fromDirectory, byte[] from, Fd directory, byte[] name) throws LinuxException {
        name(SyscallNumber.RENAMEAT2, fromDirectory, from, directory, name, RENAME_NOREPLACE);
    }

    private void name(SyscallNumber call, Fd fromDirectory, byte[] from, Fd directory, byte[] name, int flags)
            throws LinuxException {
        long source = put(path, from);
        call(call, text(name), fromDirectory.number(), source, directory.number(), put(other, name), flags);
    }

    /// @param mode type and permission bits, as in [FileStat#mode]
    public void makeNode(Fd directory, byte[] name, int mode, long device) throws LinuxException {
        call(SyscallNumber.MKNODAT, text(name), directory.number(), put(path, name), mode, device);
    }

    public void removeFile(Fd directory, byte[] name) throws LinuxException {
        call(SyscallNumber.UNLINKAT, text(name), directory.number(), put(path, name), 0);
    }

    public void removeDirectory(Fd directory, byte[] name) throws LinuxException {
        call(SyscallNumber.UNLINKAT, text(name), directory.number(), put(path, name), AT_REMOVEDIR);
    }

    public void changeOwner(Fd directory, byte[] name, long uid, long gid) throws LinuxException {
        call(SyscallNumber.FCHOWNAT, text(name), directory.number(), put(path, name), uid, gid, AT_SYMLINK_NOFOLLOW);
    }

    public void changeOwner(Fd file, long uid, long gid) throws LinuxException {
        call(SyscallNumber.FCHOWN, "file", file.number(), uid, gid);
    }

    public void changeMode(Fd file, int mode) throws LinuxException {
        call(SyscallNumber.FCHMOD, "file", file.number(), mode);
    }

    /// Changes the owner of a file that [#findNode] found, a link's own; -1 leaves an id as it is.
    public void changeNodeOwner(Fd node, long uid, long gid) throws LinuxException {
        call(SyscallNumber.FCHOWNAT, "file", node.number(), put(path, new byte[0]), uid, gid, AT_EMPTY_PATH);
    }

    /// Changes the mode of a file that [#findNode] found and that is no link. The kernel's link to the descriptor
    /// is the one way to do it for those that are not open for reading.
    public void changeNodeMode(Fd node, int mode) throws LinuxException {
        call(SyscallNumber.FCHMODAT, "file", AT_FDCWD, put(path, itself(node)), mode);
    }

    /// For anything but a symbolic link, which has no mode. The name is opened first: fchmodat(2) would follow a
    /// link.
    public void changeMode(Fd directory, byte[] name, int mode) throws LinuxException {
        try (Fd node = openHow(directory.number(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0)) {
            if (stat(node).type() == FileStat.SYMLINK) {
                throw new LinuxException(Errno.EINVAL.number(), "chmod", text(name));
            }
            changeNodeMode(node, mode);
        }
    }

    /// Sets the time of the last change, and of the last access to the same.
    public void setTime(Fd directory, byte[] name, long seconds, int nanos) throws LinuxException {
        call(
                SyscallNumber.UTIMENSAT,
                text(name),
                directory.number(),
                put(path, name),
                twice(seconds, nanos),
                AT_SYMLINK_NOFOLLOW);
    }

    /// As above, for a file that is open for writing.
    public void setTime(Fd file, long seconds, int nanos) throws LinuxException {
        call(SyscallNumber.UTIMENSAT, "file", file.number(), 0, twice(seconds, nanos), 0);
    }

    /// As above, for a file that [#findNode] found.
    public void setNodeTime(Fd node, long seconds, int nanos) throws LinuxException {
        call(SyscallNumber.UTIMENSAT, "file", AT_FDCWD, put(path, itself(node)), twice(seconds, nanos), 0);
    }

    private long twice(long seconds, int nanos) {
        times.putLong(0, seconds);
        times.putLong(8, nanos);
        times.putLong(16, seconds);
        times.putLong(24, nanos);
        return times.address();
    }

    public void setAttribute(Fd directory, byte[] name, String attribute, byte[] value) throws LinuxException {
        Pointer bytes = Syscalls.string(value);
        call(
                SyscallNumber.LSETXATTR,
                text(name),
                put(path, through(directory, name)),
                put(other, attribute.getBytes(StandardCharsets.UTF_8)),
                bytes.address(),
                value.length,
                0);
        Reference.reachabilityFence(bytes);
    }

    public void setAttribute(Fd file, String attribute, byte[] value) throws LinuxException {
        Pointer bytes = Syscalls.string(value);
        call(
                SyscallNumber.FSETXATTR,
                attribute,
                file.number(),
                put(other, attribute.getBytes(StandardCharsets.UTF_8)),
                bytes.address(),
                value.length,
                0);
        Reference.reachabilityFence(bytes);
    }

    /// Names of the extended attributes, each ended by a NUL.
    public byte[] attributeNames(Fd directory, byte[] name) throws LinuxException {
        return taken(call(
                SyscallNumber.LLISTXATTR, text(name), put(path, through(directory, name)), io.address(), IO_BYTES));
    }

    public byte[] attribute(Fd directory, byte[] name, String attribute) throws LinuxException {
        return taken(call(
                SyscallNumber.LGETXATTR,
                text(name),
                put(path, through(directory, name)),
                put(other, attribute.getBytes(StandardCharsets.UTF_8)),
                io.address(),
                IO_BYTES));
    }

    public void removeAttribute(Fd directory, byte[] name, String attribute) throws LinuxException {
        call(
                SyscallNumber.LREMOVEXATTR,
                text(name),
                put(path, through(directory, name)),
                put(other, attribute.getBytes(StandardCharsets.UTF_8)));
    }

    public FileStat stat(Fd file) throws LinuxException {
        return stat(file, new byte[0]);
    }

    public FileStat stat(Fd directory, byte[] name) throws LinuxException {
        call(
                SyscallNumber.STATX,
                text(name),
                directory.number(),
                put(path, name),
                AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW,
                FileStat.STATX_BASIC_STATS,
                statx.address());
        return FileStat.of(statx);
    }

    /// As [#stat], or empty if `directory` has no such name.
    public Optional<FileStat> find(Fd directory, byte[] name) throws LinuxException {
        long result = Syscalls.tryCall(
                SyscallNumber.STATX,
                directory.number(),
                put(path, name),
                AT_SYMLINK_NOFOLLOW,
                FileStat.STATX_BASIC_STATS,
                statx.address());
        if (result == -Errno.ENOENT.number()) {
            return Optional.empty();
        }
        if (result < 0) {
            throw new LinuxException((int) -result, "statx", text(name));
        }
        return Optional.of(FileStat.of(statx));
    }

    /// The target of a symbolic link.
    public byte[] readLink(Fd directory, byte[] name) throws LinuxException {
        return taken(call(
                SyscallNumber.READLINKAT, text(name), directory.number(), put(path, name), io.address(), LONGEST_PATH));
    }

    /// The next entries of a directory opened by [#openChild], as `struct linux_dirent64`; empty at the end.
    public ByteBuffer entries(Fd directory) throws LinuxException {
        long count = call(SyscallNumber.GETDENTS64, "directory", directory.number(), io.address(), IO_BYTES);
        return ByteBuffer.wrap(taken(count)).order(ByteOrder.nativeOrder());
    }

    /// Brings everything that was written to the file system of `directory` to the disk, which may take seconds.
    public void syncFileSystem(Path directory) throws LinuxException {
        byte[] name = directory.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
        try (Fd opened = openHow(AT_FDCWD, name, O_DIRECTORY | O_CLOEXEC, 0)) {
            call(SyscallNumber.SYNCFS, directory.toString(), opened.number());
        }
    }

    private Fd openHow(int directory, byte[] name, int flags, long resolve) throws LinuxException {
        return openHow(directory, name, flags, 0, resolve);
    }

    private Fd openHow(int directory, byte[] name, int flags, int mode, long resolve) throws LinuxException {
        how.putLong(0, flags);
        how.putLong(8, mode);
        how.putLong(16, resolve);
        return new Fd((int)
                call(SyscallNumber.OPENAT2, text(name), directory, put(path, name), how.address(), OPEN_HOW_BYTES));
    }

    /// The memory of an [At] is freed with it, and who calls it for the last time does not hold it any more.
    private long call(SyscallNumber number, String subject, long... arguments) throws LinuxException {
        long result = Syscalls.call(number, subject, arguments);
        Reference.reachabilityFence(this);
        return result;
    }

    /// What a call has put into the memory for it.
    private byte[] taken(long count) {
        byte[] bytes = new byte[(int) count];
        io.get(0, bytes, 0, bytes.length);
        return bytes;
    }

    /// The kernel's link to what is open.
    private static byte[] itself(Fd node) {
        return ("/proc/self/fd/" + node.number()).getBytes(StandardCharsets.US_ASCII);
    }

    /// A path that leads to `name` in an open directory; the calls for attributes have no `*at` form.
    private static byte[] through(Fd directory, byte[] name) {
        byte[] prefix = itself(directory);
        byte[] whole = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        whole[prefix.length] = '/';
        System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
        return whole;
    }

    private static long put(Pointer buffer, byte[] name) throws LinuxException {
        if (name.length >= LONGEST_PATH) {
            throw new LinuxException(Errno.ENAMETOOLONG.number(), "use", text(name));
        }
        buffer.put(0, name, 0, name.length);
        buffer.putByte(name.length, (byte) 0);
        return buffer.address();
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }
}
