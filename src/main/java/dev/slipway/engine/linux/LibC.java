package dev.slipway.engine.linux;

import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.annotations.SaveError;
import jnr.ffi.types.size_t;
import org.jspecify.annotations.Nullable;

/// The C library, as far as Slipway calls it. Only classes of this package see it; the rest of the house uses the
/// typed classes beside it (for instance [Fd]), which turn errno into [LinuxException].
///
/// Public only because its implementation is generated in another class loader.
///
/// System calls that the C library does not wrap go through [#syscall], with numbers from [SyscallNumber].
public interface LibC {
    /// Loaded on first use: binding costs 100 to 300 ms, which must not sit on the start path.
    final class Holder {
        static final LibC INSTANCE = LibraryLoader.create(LibC.class)
                .option(LibraryOption.SaveError, true)
                .load("c");
        static final Runtime RUNTIME = Runtime.getRuntime(INSTANCE);

        private Holder() {}
    }

    @SaveError
    long syscall(long number, long a0, long a1, long a2, long a3, long a4, long a5);

    @SaveError
    int close(int fd);

    @SaveError
    long read(int fd, @Out byte[] buffer, @size_t long count);

    @SaveError
    long write(int fd, @In byte[] buffer, @size_t long count);

    /// Returns the errno value itself.
    int posix_spawn(
            Pointer pid, String path, Pointer actions, @Nullable Pointer attributes, Pointer argv, Pointer envp);

    int posix_spawn_file_actions_init(Pointer actions);

    int posix_spawn_file_actions_adddup2(Pointer actions, int fd, int number);

    int posix_spawn_file_actions_addclosefrom_np(Pointer actions, int from);

    int posix_spawn_file_actions_destroy(Pointer actions);

    Pointer malloc(@size_t long size);

    void free(Pointer pointer);
}
