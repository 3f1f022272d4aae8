package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How many processes and threads this host can have.
///
/// @spec https://docs.kernel.org/admin-guide/sysctl/kernel.html kernel.pid_max, kernel.threads-max
public final class HostPids {
    /// As systemd limits its services: DefaultTasksMax.
    private static final int USUAL_PERCENT = 15;

    private static final Path KERNEL = Path.of("/proc/sys/kernel");

    private HostPids() {}

    /// As many as one container may well have, and the host lives on when it takes them all.
    public static long usualLimit() throws IOException {
        long most = Math.min(number("pid_max"), number("threads-max"));
        return Math.max(1, most * USUAL_PERCENT / 100);
    }

    /// Read at once: who reads a parameter of numbers byte by byte, as [Files#readString(Path)] begins, gets one
    /// digit.
    private static long number(String name) throws IOException {
        return Long.parseLong(
                Files.readAllLines(KERNEL.resolve(name)).getFirst().strip());
    }
}
