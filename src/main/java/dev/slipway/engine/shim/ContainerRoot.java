package dev.slipway.engine.shim;

import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.ProcessSignals;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// The root directory of a running container with all that is mounted below it, as its first process sees it. It stays
/// as long as it is open, also when the container ends.
///
/// Links in it lead where they lead for the container only when the kernel resolves them with this directory as root.
///
/// @param users of the container's user namespace; empty for the host's users
public record ContainerRoot(Fd directory, Optional<Users> users) implements AutoCloseable {
    /// Users and groups of a container, as the host counts.
    ///
    /// @param first what user 0 of the container is on the host, and group 0
    /// @param count how many there are
    public record Users(int first, long count) {}

    static ContainerRoot open(int pid, CgroupPlacement cgroup) throws IOException {
        try (Fd process = TargetProcess.hold(pid, cgroup).orElseThrow(() -> ended(pid))) {
            Fd directory = new At().openHost(Path.of("/proc/%d/root".formatted(pid)));
            Optional<Users> users = UserNamespaces.users(pid);
            if (!ProcessSignals.isThere(process)) {
                directory.close();
                throw ended(pid);
            }
            return new ContainerRoot(directory, users);
        }
    }

    private static IOException ended(int pid) {
        return new IOException("process %d of the container has ended".formatted(pid));
    }

    @Override
    public void close() {
        directory.close();
    }
}
