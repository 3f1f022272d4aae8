package dev.slipway.engine.linux;

/// Signals to processes that are named by number, for those that a cgroup or a parent names. A number may belong to
/// another process by the time the signal arrives, unless it is that of a child that nobody has reaped.
///
/// @spec https://man7.org/linux/man-pages/man2/kill.2.html kill(2)
public final class ProcessSignals {
    private ProcessSignals() {}

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
