package dev.slipway.engine.linux;

import java.nio.file.Path;
import java.util.Optional;

/// An open directory that one process holds locked. The lock belongs to the open file: it passes to a child that
/// inherits the descriptor, and ends when the last process that has it closes it or dies.
///
/// @spec https://man7.org/linux/man-pages/man2/flock.2.html flock(2)
public final class LockedDirectory implements AutoCloseable {
    private static final int O_DIRECTORY = System.getProperty("os.arch").equals("aarch64") ? 040000 : 0200000;
    private static final int LOCK_EX_NB = 2 | 4;

    private final Fd fd;

    private LockedDirectory(Fd fd) {
        this.fd = fd;
    }

    /// Opens and locks a directory.
    ///
    /// @return empty when somebody else holds the lock
    public static Optional<LockedDirectory> open(Path path) throws LinuxException {
        Fd fd = openUnlocked(path);
        long result = Syscalls.tryCall(SyscallNumber.FLOCK, fd.number(), LOCK_EX_NB);
        if (result == 0) {
            return Optional.of(new LockedDirectory(fd));
        }
        fd.close();
        if (result == -Errno.EAGAIN.number()) {
            return Optional.empty();
        }
        throw new LinuxException((int) -result, "flock", path.toString());
    }

    /// Opens a directory to name what is in it, without a lock.
    public static Fd openUnlocked(Path path) throws LinuxException {
        return Fd.open(path, O_DIRECTORY);
    }

    /// A name for `entry` of an open directory that is short however long the directory's path is; socket addresses
    /// have room for 107 bytes.
    public static String shortName(Fd directory, String entry) {
        return "/proc/self/fd/" + directory.number() + "/" + entry;
    }

    public Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        fd.close();
    }
}
