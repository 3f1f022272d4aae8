package dev.slipway.engine.launch;

/// One more process in a running container.
///
/// @param pid the container's first process, on the host
/// @param cgroup where the new process is placed; usually the container's own
public record ExecSpec(int pid, ProcessSpec process, CgroupPlacement cgroup) {
    public ExecSpec {
        if (pid <= 0) {
            throw new IllegalArgumentException("pid is not positive: " + pid);
        }
    }
}
