package dev.slipway.engine.linux;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import jnr.ffi.LastError;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/// Raw calls with errno turned into [LinuxException]; the typed classes of this room stand on it.
final class Syscalls {
    private Syscalls() {}

    /// Runs system call `number`; interrupted calls are repeated.
    ///
    /// @return the call's result, never negative
    static long call(SyscallNumber number, String subject, long... arguments) throws LinuxException {
        while (true) {
            long result = tryCall(number, arguments);
            if (result >= 0) {
                return result;
            }
            if (result != -Errno.EINTR.number()) {
                throw new LinuxException((int) -result, number.name().toLowerCase(Locale.ROOT), subject);
            }
        }
    }

    /// Runs system call `number` and returns its result, or the errno value negated, as the kernel does.
    static long tryCall(SyscallNumber number, long... arguments) {
        long[] a = new long[6];
        System.arraycopy(arguments, 0, a, 0, arguments.length);
        long result = LibC.Holder.INSTANCE.syscall(number.value(), a[0], a[1], a[2], a[3], a[4], a[5]);
        return result == -1 ? -errno() : result;
    }

    /// The calling thread's errno after a failed library call.
    static int errno() {
        return LastError.getLastError(LibC.Holder.RUNTIME);
    }

    /// `text` as a NUL-terminated string outside the heap, alive as long as the returned pointer is reachable.
    static Pointer string(String text) {
        return string(text.getBytes(StandardCharsets.UTF_8));
    }

    /// `bytes` with a NUL behind them outside the heap, alive as long as the returned pointer is reachable.
    static Pointer string(byte[] bytes) {
        Pointer pointer = Memory.allocateDirect(LibC.Holder.RUNTIME, bytes.length + 1);
        pointer.put(0, bytes, 0, bytes.length);
        pointer.putByte(bytes.length, (byte) 0);
        return pointer;
    }

    /// `size` zeroed bytes outside the heap, alive as long as the returned pointer is reachable.
    static Pointer buffer(int size) {
        return Memory.allocateDirect(LibC.Holder.RUNTIME, size, true);
    }
}
