package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.launch.UserNamespace;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What there is of a sandbox, as containers need it: everything asked for, with paths for names.
///
/// @param namespace and `name`: of the pod, for people
/// @param netns pin of its network namespace; empty with the host's network
/// @param ipc pin of the ipc namespace that its containers share, if they do
/// @param user its user namespace; empty with the host's users
/// @param sharedMemory what containers see as `/dev/shm`; empty where each has its own, and its own ipc namespace
/// @param sysctls kernel parameters of its namespaces, by dotted name
/// @param volumes by the pod's names for them
record SandboxRecord(
        PodUid uid,
        String namespace,
        String name,
        String hostname,
        String address,
        Optional<Path> netns,
        Optional<Path> ipc,
        Optional<UserNamespace> user,
        boolean hostPid,
        Optional<Path> sharedMemory,
        Map<String, String> sysctls,
        Map<String, Source> volumes) {
    SandboxRecord {
        sysctls = Map.copyOf(sysctls);
        volumes = Map.copyOf(volumes);
    }

    /// With the kernel's own parameters.
    SandboxRecord(
            PodUid uid,
            String namespace,
            String name,
            String hostname,
            String address,
            Optional<Path> netns,
            Optional<Path> ipc,
            Optional<UserNamespace> user,
            boolean hostPid,
            Optional<Path> sharedMemory,
            Map<String, Source> volumes) {
        this(uid, namespace, name, hostname, address, netns, ipc, user, hostPid, sharedMemory, Map.of(), volumes);
    }

    Namespace ipcNamespace() {
        if (ipc.isPresent()) {
            return new Namespace.Existing(ipc.get());
        }
        return sharedMemory.isPresent() ? new Namespace.Host() : new Namespace.New();
    }

    /// @param directory rather than a file
    /// @param readOnly for every container, whatever its mount says
    record Source(Path path, boolean directory, boolean readOnly) {}
}
