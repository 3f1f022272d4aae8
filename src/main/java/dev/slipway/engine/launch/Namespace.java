package dev.slipway.engine.launch;

import java.nio.file.Path;

/// Where one kind of namespace of a container comes from.
///
/// @spec https://man7.org/linux/man-pages/man7/namespaces.7.html namespaces(7)
public sealed interface Namespace {
    /// Made for this container and gone with it.
    record New() implements Namespace {}

    /// Joined: a file like `/proc/<pid>/ns/net`, or one that such a file is bound to.
    record Existing(Path path) implements Namespace {
        public Existing {
            Paths.requireAbsolute(path);
        }
    }

    /// Joined: that of a process which the shim is given. Of pid namespaces only.
    ///
    /// @param pid of the first process of another container, on the host
    /// @param cgroup that container's
    record OfProcess(int pid, CgroupPlacement cgroup) implements Namespace {}

    /// The host's own.
    record Host() implements Namespace {}
}
