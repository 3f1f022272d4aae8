package dev.slipway.engine.shim;

import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.ProcessSignals;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The root directory of a running container with all that is mounted below it, as its first process sees it. It stays
/// as long as it is open, also when the container ends. Of one that does not run it is what the container would see but
/// for what is mounted only then.
///
/// Links in it lead where they lead for the container only when the kernel resolves them with this directory as root.
///
/// @param users of the container's user namespace; empty for the host's users
/// @param rest present while the container does not run
public record ContainerRoot(Fd directory, Optional<Users> users, Optional<Rest> rest) implements AutoCloseable {
    public ContainerRoot(Fd directory, Optional<Users> users) {
        this(directory, users, Optional.empty());
    }

    /// @param missing absolute paths at which something is mounted when it runs
    /// @param release lets it run again
    public record Rest(List<String> missing, Runnable release) {
        public Rest {
            missing = List.copyOf(missing);
        }
    }

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
        rest.ifPresent(at -> at.release().run());
    }
}
