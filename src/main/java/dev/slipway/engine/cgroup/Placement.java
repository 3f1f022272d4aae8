package dev.slipway.engine.cgroup;

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
}
