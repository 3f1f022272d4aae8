package dev.slipway.engine.linux;

import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.ffi.Pointer;

/// An open file descriptor with one owner. Closing twice is harmless; using it after close is a bug and throws
/// [IllegalStateException]. Safe to close from any thread.
public final class Fd implements AutoCloseable {
    static final int O_WRONLY = 1;
    private static final int O_CLOEXEC = 02000000;
    private static final int AT_FDCWD = -100;

    private final AtomicInteger number;

    /// Takes ownership of an open descriptor.
    public Fd(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("descriptor is negative: " + number);
        }
        this.number = new AtomicInteger(number);
    }

    /// Opens what is there; programs that are executed do not inherit it.
    ///
    /// @param flags of open(2), none for reading
    static Fd open(Path path, int flags) throws LinuxException {
        Pointer name = Syscalls.string(path.toString());
        long number = Syscalls.call(SyscallNumber.OPENAT, path.toString(), AT_FDCWD, name.address(), flags | O_CLOEXEC);
        Reference.reachabilityFence(name);
        return new Fd((int) number);
    }

    /// The descriptor's number, valid until [#close].
    public int number() {
        int value = number.get();
        if (value < 0) {
            throw new IllegalStateException("descriptor is closed");
        }
        return value;
    }

    /// Gives up ownership: the caller closes the returned number.
    public int release() {
        int value = number.getAndSet(-1);
        if (value < 0) {
            throw new IllegalStateException("descriptor is closed");
        }
        return value;
    }

    @Override
    public void close() {
        int value = number.getAndSet(-1);
        if (value >= 0) {
            // EINTR and EIO leave the descriptor closed on Linux (close(2)), so there is nothing to retry.
            int ignored = LibC.Holder.INSTANCE.close(value);
        }
    }

    @Override
    public String toString() {
        return "fd " + number.get();
    }
}
