package dev.slipway.engine.linux;

import java.io.IOException;
import java.lang.ref.Reference;
import java.util.concurrent.Callable;
import jnr.ffi.Pointer;

/// Runs code on a thread whose system calls, and those of the processes that it starts, go through a filter.
public final class FilteredThread {
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final long PRCTL = ARM ? 167 : 157;
    private static final long PR_SET_SECCOMP = 22;
    private static final long SECCOMP_MODE_FILTER = 2;

    private FilteredThread() {}

    public static <T> T run(byte[] filter, Callable<T> task) throws IOException {
        return ThreadOfItsOwn.run("filtered", () -> {
            install(filter);
            return task.call();
        });
    }

    /// Makes a call by its number.
    ///
    /// @return its result, or the errno value negated
    public static long call(long number, long... arguments) {
        long[] a = new long[6];
        System.arraycopy(arguments, 0, a, 0, arguments.length);
        long result = LibC.Holder.INSTANCE.syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
        return result == -1 ? -Syscalls.errno() : result;
    }

    private static void install(byte[] filter) throws LinuxException {
        Pointer instructions = Syscalls.buffer(filter.length);
        instructions.put(0, filter, 0, filter.length);
        Pointer program = Syscalls.buffer(16);
        program.putShort(0, (short) (filter.length / 8));
        program.putLong(8, instructions.address());
        long result = call(PRCTL, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program.address());
        Reference.reachabilityFence(instructions);
        if (result < 0) {
            throw new LinuxException((int) -result, "prctl", "PR_SET_SECCOMP");
        }
    }
}
