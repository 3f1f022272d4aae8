package dev.slipway.engine.linux;

import java.util.Optional;

/// Signals to processes that are named by number, for those that a cgroup or a parent names. A number may belong to
/// another process by the time the signal arrives, unless it is that of a child that nobody has reaped.
///
/// @spec https://man7.org/linux/man-pages/man2/kill.2.html kill(2)
public final class ProcessSignals {
    private ProcessSignals() {}

    /// Holds on to a process: as long as the descriptor is open it means that process and no other, whoever gets
    /// the number later.
    ///
    /// @return empty if there is no such process
    /// @spec https://man7.org/linux/man-pages/man2/pidfd_open.2.html pidfd_open(2)
    public static Optional<Fd> hold(int pid) throws LinuxException {
        long result = Syscalls.tryCall(SyscallNumber.PIDFD_OPEN, pid, 0);
        if (result == -Errno.ESRCH.number()) {
            return Optional.empty();
        }
        if (result < 0) {
            throw new LinuxException((int) -result, "pidfd_open", "process " + pid);
        }
        return Optional.of(new Fd((int) result));
    }

    /// Whether the process that `held` means still has its number: it runs, or nobody has reaped it.
    public static boolean isThere(Fd held) throws LinuxException {
        long result = Syscalls.tryCall(SyscallNumber.PIDFD_SEND_SIGNAL, held.number(), 0, 0, 0);
        if (result < 0 && result != -Errno.ESRCH.number()) {
            throw new LinuxException((int) -result, "pidfd_send_signal", held.toString());
        }
        return result == 0;
    }

    /// @return false if there is no such process
    public static boolean send(int pid, int signal) throws LinuxException {
        if (pid <= 0) {
            throw new IllegalArgumentException("not a process: " + pid);
        }
        long result = Syscalls.tryCall(SyscallNumber.KILL, pid, signal);
        if (result == -Errno.ESRCH.number()) {
            return false;
        }
        if (result < 0) {
            throw new LinuxException((int) -result, "kill", "process " + pid);
        }
        return true;
    }
}
