package dev.slipway.engine.launch;

import java.nio.file.Path;
import java.util.List;

/// Something mounted inside the container, in the order of [ContainerSpec#mounts]. A mount over the destination of one
/// of the standard mounts (`/proc`, `/dev`, `/dev/shm` ...) takes its place.
///
/// The destination is resolved inside the container's root by descriptor: symbolic links of the image are followed but
/// cannot leave the root, links of `/proc` are refused, and missing directories are made.
public sealed interface Mount {
    /// Absolute path inside the container.
    String destination();

    /// A file or directory of the host.
    ///
    /// @param source absolute path on the host, given by policy; its symbolic links are followed on the host
    /// @param subPath path below `source`, empty for `source` itself; resolved inside `source` and unable to leave
    ///     it, because what lies there may be written by a container. Missing directories of it are made.
    /// @param kind what to make at the destination (and at the end of `subPath`) when nothing is there, and whether
    ///     it is a device that works
    record Bind(Path source, String subPath, String destination, Kind kind, Access access, Propagation propagation)
            implements Mount {
        public Bind {
            Paths.requireAbsolute(source);
            Paths.requireInside(subPath);
            Paths.requireAbsolute(destination);
            if (kind == Kind.DEVICE && !subPath.isEmpty()) {
                throw new IllegalArgumentException(
                        "a device has nothing below it: %s of %s".formatted(subPath, source));
            }
        }

        /// All of `source`, private to the container.
        public Bind(Path source, String destination, Kind kind, Access access) {
            this(source, "", destination, kind, access, Propagation.PRIVATE);
        }
    }

    /// An image, which can be read and neither written nor executed.
    ///
    /// @param lowers its layer directories, topmost first; at least two, of which the last may be empty
    /// @param subPath of the image, empty for all of it; links in it do not lead out
    /// @param kind what `subPath` is
    record Image(List<Path> lowers, String subPath, String destination, Kind kind) implements Mount {
        public Image {
            lowers = List.copyOf(lowers);
            if (lowers.size() < 2) {
                throw new IllegalArgumentException("overlayfs wants two layers at least: " + lowers);
            }
            lowers.forEach(Paths::requireAbsolute);
            Paths.requireInside(subPath);
            Paths.requireAbsolute(destination);
        }
    }

    /// Memory, gone with the container.
    ///
    /// @param sizeBytes limit, or 0 for half of the machine's memory
    /// @param mode permission bits of its root, for instance 01777
    record Tmpfs(String destination, long sizeBytes, int mode, Access access) implements Mount {
        public Tmpfs {
            Paths.requireAbsolute(destination);
            if (sizeBytes < 0 || (mode & ~07777) != 0) {
                throw new IllegalArgumentException("tmpfs on " + destination + " has an impossible size or mode");
            }
        }
    }

    /// The container's own cgroups at `/sys/fs/cgroup`: read-only, for programs that size themselves by their limits,
    /// or writable, for who has cgroups below its own.
    ///
    /// @param controllers version 1 hierarchies to show as `/sys/fs/cgroup/<name>`, for instance `cpu,cpuacct`;
    ///     empty on a pure version 2 host, where the unified hierarchy itself is mounted
    /// @param withUnified whether to show that beside those of version 1 as well, as `/sys/fs/cgroup/unified`
    record Cgroups(String destination, List<String> controllers, boolean withUnified, Access access) implements Mount {
        /// Where a hybrid host has the hierarchy of version 2, by custom.
        public static final String UNIFIED = "unified";

        public Cgroups {
            Paths.requireAbsolute(destination);
            controllers = List.copyOf(controllers);
        }

        /// To be read.
        public Cgroups(String destination, List<String> controllers) {
            this(destination, controllers, false, Access.READ_ONLY);
        }
    }

    /// What to make where a destination is missing.
    enum Kind {
        DIRECTORY,
        FILE,
        /// A file, onto which a device node of the host is mounted. In mounts of the other kinds nodes are
        /// inert.
        DEVICE
    }

    /// Whether the container may write, and whether that holds for mounts below the mount as well.
    enum Access {
        READ_WRITE,
        /// The mount itself; what is mounted below it keeps its own flag.
        READ_ONLY,
        /// The mount and everything mounted below it.
        RECURSIVE_READ_ONLY
    }

    /// Kubernetes' `mountPropagation`.
    enum Propagation {
        /// `None`: no mount made later on one side shows on the other.
        PRIVATE,
        /// `HostToContainer`: mounts that the host makes later below the source appear in the container.
        HOST_TO_CONTAINER,
        /// `Bidirectional`: and the other way round.
        BIDIRECTIONAL
    }
}
