package dev.slipway.engine.launch;

import java.util.Optional;

/// The namespaces of a container. The mount namespace is always its own.
///
/// A container in a pid namespace that it does not lead ([Namespace.Existing], [Namespace.OfProcess],
/// [Namespace.Host]) is killed through its
/// cgroup, because the death of its first process does not end the others.
///
/// @param user empty for the host's; else `net` and `ipc` should belong to it, and uts, mount and cgroup namespaces
///     that are new do
public record Namespaces(
        Namespace pid, Namespace uts, Namespace ipc, Namespace net, Namespace cgroup, Optional<UserNamespace> user) {
    /// With the host's users.
    public Namespaces(Namespace pid, Namespace uts, Namespace ipc, Namespace net, Namespace cgroup) {
        this(pid, uts, ipc, net, cgroup, Optional.empty());
    }

    /// Each of them new, apart from the host and from every other container.
    public static Namespaces own() {
        Namespace own = new Namespace.New();
        return new Namespaces(own, own, own, own, own);
    }

    /// A container of a pod: net and ipc are the pod's, the rest is its own.
    public static Namespaces ofPod(Namespace net, Namespace ipc) {
        Namespace own = new Namespace.New();
        return new Namespaces(own, own, ipc, net, own);
    }
}
