package dev.slipway.engine.launch;

import java.util.List;

/// One run of one container, in full: nothing is looked up later, so the same spec always gives the same plan.
///
/// @param mounts beside the standard ones (`/proc`, `/sys`, `/dev` with its nodes, `/dev/pts`, `/dev/shm`,
///     `/dev/mqueue`), made in this order
public record ContainerSpec(
        ContainerId id,
        RootFilesystem root,
        List<Mount> mounts,
        Namespaces namespaces,
        ProcessSpec process,
        KernelView kernel,
        CgroupPlacement cgroup,
        LogSettings log) {
    public ContainerSpec {
        mounts = List.copyOf(mounts);
    }
}
