package dev.slipway.engine.linux;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import jnr.ffi.Pointer;

/// A program started without the detour that a Java virtual machine takes: no helper process, no copied environment,
/// and nothing inherited but the descriptors that it is given. Whoever starts one has to [#reap] it.
///
/// @param pid not used for another process before [#reap] has told the end
/// @spec https://man7.org/linux/man-pages/man3/posix_spawn.3.html posix_spawn(3)
public record ChildProcess(int pid) {
    /// Larger than the C libraries' own structure.
    private static final int ACTIONS_BYTES = 512;

    private static final int WNOHANG = 1;
    private static final int SIGKILL = 9;

    /// Starts a program with `first` as its descriptor 0, `second` as 1, itself as 2, and `third`, if there is one,
    /// as
    /// 3.
    ///
    /// @param program open, for instance by [Mounts#guardedProgram]
    public static ChildProcess start(Fd program, List<String> argv, Fd first, Fd second, Optional<Fd> third)
            throws LinuxException {
        String file = argv.getFirst();
        LibC c = LibC.Holder.INSTANCE;
        Pointer actions = Syscalls.buffer(ACTIONS_BYTES);
        Pointer pid = Syscalls.buffer(8);
        List<Pointer> strings = new ArrayList<>();
        Pointer vector = Syscalls.buffer(8 * (argv.size() + 1));
        Pointer environment = Syscalls.buffer(8);
        for (String argument : argv) {
            strings.add(Syscalls.string(argument));
            vector.putAddress(8L * (strings.size() - 1), strings.getLast().address());
        }
        require(c.posix_spawn_file_actions_init(actions), file);
        try {
            require(c.posix_spawn_file_actions_adddup2(actions, first.number(), 0), file);
            require(c.posix_spawn_file_actions_adddup2(actions, second.number(), 1), file);
            require(c.posix_spawn_file_actions_adddup2(actions, program.number(), 2), file);
            if (third.isPresent()) {
                require(c.posix_spawn_file_actions_adddup2(actions, third.get().number(), 3), file);
            }
            require(c.posix_spawn_file_actions_addclosefrom_np(actions, third.isPresent() ? 4 : 3), file);
            require(c.posix_spawn(pid, "/proc/self/fd/2", actions, null, vector, environment), file);
        } finally {
            int ignored = c.posix_spawn_file_actions_destroy(actions);
            // Who is named for the last time by a call may be freed while the call runs.
            Reference.reachabilityFence(actions);
            Reference.reachabilityFence(strings);
            Reference.reachabilityFence(vector);
            Reference.reachabilityFence(environment);
        }
        int number = pid.getInt(0);
        Reference.reachabilityFence(pid);
        return new ChildProcess(number);
    }

    /// Whether it has ended; then its pid is free for others.
    ///
    /// @return empty while it runs, otherwise its wait status
    public OptionalInt reap() throws LinuxException {
        Pointer status = Syscalls.buffer(8);
        long result = Syscalls.call(SyscallNumber.WAIT4, "process " + pid, pid, status.address(), WNOHANG, 0);
        Reference.reachabilityFence(status);
        return result == 0 ? OptionalInt.empty() : OptionalInt.of(status.getInt(0));
    }

    /// Kills it; only before [#reap] has told the end.
    public void kill() throws LinuxException {
        Syscalls.call(SyscallNumber.KILL, "process " + pid, pid, SIGKILL);
    }

    private static void require(int error, String file) throws LinuxException {
        if (error != 0) {
            throw new LinuxException(error, "posix_spawn", file);
        }
    }
}
