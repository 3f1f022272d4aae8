package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The directories that a process has to be in so that it is in a cgroup. They exist already.
///
/// @param unified in the version 2 hierarchy: a process is cloned into it at no cost
/// @param classic in version 1 hierarchies, only those that are needed. A process that has one thread joins by writing
///     `0` to `tasks` itself, in about 50 microseconds; whoever writes its pid to `cgroup.procs` from outside waits for
///     the kernel's grace period, 6 to 15 milliseconds
public record Placement(Optional<Path> unified, List<Path> classic) {
    public Placement {
        classic = List.copyOf(classic);
    }

    /// The same for a process that joins another there.
    ///
    /// Of version 2, a cgroup that has handed controllers down to others below it, as systemd does in a privileged
    /// container, takes no process itself (`EBUSY`): who joins goes where that other one is.
    ///
    /// @param pid of the other, which is in this cgroup or below it
    /// @spec https://docs.kernel.org/admin-guide/cgroup-v2.html#no-internal-process-constraint
    public Placement beside(int pid) throws IOException {
        if (unified.isEmpty() || !hasHandedDown(unified.get())) {
            return this;
        }
        String own = "/" + unified.get().getFileName();
        return Files.readAllLines(Path.of("/proc/" + pid + "/cgroup")).stream()
                .filter(line -> line.startsWith("0::") && line.contains(own + "/"))
                .map(line -> line.substring(line.indexOf(own + "/") + own.length() + 1))
                .findFirst()
                .map(below -> new Placement(Optional.of(unified.get().resolve(below)), classic))
                .orElse(this);
    }

    private static boolean hasHandedDown(Path directory) throws IOException {
        return !Files.readString(directory.resolve("cgroup.subtree_control")).isBlank();
    }
}
