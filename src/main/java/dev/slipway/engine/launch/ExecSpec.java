package dev.slipway.engine.launch;

import java.util.OptionalInt;

/// One more process in a running container.
///
/// @param pid the container's first process, on the host
/// @param firstHostId of the user namespace that it has, see [UserNamespace]; empty for the host's users
/// @param cgroup where the new process is placed; usually the container's own
public record ExecSpec(int pid, OptionalInt firstHostId, ProcessSpec process, CgroupPlacement cgroup) {
    public ExecSpec {
        if (pid <= 0) {
            throw new IllegalArgumentException("pid is not positive: " + pid);
        }
    }

    /// In a container with the host's users.
    public ExecSpec(int pid, ProcessSpec process, CgroupPlacement cgroup) {
        this(pid, OptionalInt.empty(), process, cgroup);
    }
}
