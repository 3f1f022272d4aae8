package dev.slipway.engine.runtime;

import dev.slipway.engine.cgroup.Limits;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.launch.Identity;
import dev.slipway.engine.launch.ImageUsers;
import dev.slipway.engine.launch.KernelView;
import dev.slipway.engine.launch.LogSettings;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Mount.Access;
import dev.slipway.engine.launch.Mount.Kind;
import dev.slipway.engine.launch.Mount.Propagation;
import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.launch.Namespaces;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.RootFilesystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What is asked for, and what has been made for it, as the one spec that the launcher carries out. Pure, but for the
/// question whether a sub-path is a file.
///
/// Mounts come in the order of their depth, so that none hides another; a mount of the request takes the place of the
/// engine's own at the same path.
final class ContainerPlanner {
    private static final String KERNEL = "/proc";

    /// What may be laid over single files of the kernel's, so that programs see the container's limits there instead of
    /// the machine's. The rest of `/proc` is what keeps a container in.
    ///
    /// @spec https://github.com/opencontainers/runc/blob/main/libcontainer/rootfs_linux.go runc: checkProcMount
    private static final Set<String> LAID_OVER_KERNEL = Set.of(
            "/proc/cpuinfo",
            "/proc/diskstats",
            "/proc/loadavg",
            "/proc/meminfo",
            "/proc/net/dev",
            "/proc/slabinfo",
            "/proc/stat",
            "/proc/swaps",
            "/proc/sys/crypto/fips_enabled",
            "/proc/sys/kernel/ns_last_pid",
            "/proc/uptime");

    private ContainerPlanner() {}

    /// What has been made for a container.
    ///
    /// @param hierarchies of cgroup version 1 that it is in, by the names of their mount points
    /// @param devices nodes of the host, for a privileged container
    /// @param processes the pid namespace: the sandbox' or another container's
    record Parts(
            ContainerId id,
            SandboxRecord sandbox,
            AttemptStorage.Storage storage,
            ImageUsers users,
            CgroupPlacement cgroup,
            List<String> hierarchies,
            List<String> devices,
            Namespace processes) {}

    /// @throws IllegalArgumentException when it cannot be; the message is for the user
    static ContainerSpec plan(ContainerRequest request, Parts parts, RuntimeFiles files) {
        SandboxRecord sandbox = parts.sandbox();
        ProcessSpec process =
                ProcessResolver.resolve(request, parts.users(), sandbox.hostname(), files.seccompProfiles());
        sandbox.user().ifPresent(user -> requireMapped(process.identity(), user.size()));
        return new ContainerSpec(
                parts.id(),
                root(request, parts.storage(), files),
                mounts(request, parts, files),
                namespaces(sandbox, parts.processes()),
                process,
                kernel(request, parts),
                parts.cgroup(),
                new LogSettings(log(request, files), files.rotation()));
    }

    private static Path log(ContainerRequest request, RuntimeFiles files) {
        return request.layer() instanceof ContainerRequest.Layer.OfStep step
                ? step.log()
                : files.log(request.container(), request.attempt());
    }

    private static void requireMapped(Identity identity, int size) {
        Stream.concat(Stream.of(identity.uid(), identity.gid()), identity.groups().stream())
                .filter(id -> id >= size)
                .findFirst()
                .ifPresent(id -> {
                    throw new IllegalArgumentException(
                            ("id %d is not among the %d of the pod's user namespace; with a larger one"
                                            + " (userNamespace.size), or with the host's users, it can be used")
                                    .formatted(id, size));
                });
    }

    static Limits limits(Resources resources) {
        Resources.Rare rare = resources.rare();
        return new Limits(
                new Limits.Cpu(resources.cpuRequestMillis(), resources.cpuLimitMillis(), rare.cpus()),
                new Limits.Memory(resources.memoryRequestBytes(), resources.memoryLimitBytes(), rare.swapBytes()),
                resources.pidsLimit(),
                rare.ioWeight(),
                rare.hugePages());
    }

    private static RootFilesystem root(ContainerRequest request, AttemptStorage.Storage storage, RuntimeFiles files) {
        List<Path> lowers = new ArrayList<>(storage.lowers());
        if (lowers.size() < RootFilesystem.MOST_LAYERS) {
            lowers.add(files.mountPoints());
        }
        return new RootFilesystem.Overlay(
                lowers,
                storage.writable().upper(),
                storage.writable().work(),
                storage.life(),
                request.security().readOnlyRootFilesystem());
    }

    private static Namespaces namespaces(SandboxRecord sandbox, Namespace processes) {
        Namespace own = new Namespace.New();
        Namespace host = new Namespace.Host();
        return new Namespaces(
                processes,
                own,
                sandbox.ipcNamespace(),
                sandbox.netns().<Namespace>map(Namespace.Existing::new).orElse(host),
                own,
                sandbox.user());
    }

    private static KernelView kernel(ContainerRequest request, Parts parts) {
        boolean privileged = request.security().privileged();
        boolean unmasked = privileged
                || request.security().procUnmasked() && parts.sandbox().user().isPresent();
        return new KernelView(
                parts.sandbox().hostname(),
                unmasked ? List.of() : KernelView.MASKED_PATHS,
                unmasked ? List.of() : KernelView.READ_ONLY_PATHS,
                sysctls(parts.sandbox()),
                privileged ? parts.devices() : List.of());
    }

    /// The pod's own word is the last one.
    private static Map<String, String> sysctls(SandboxRecord sandbox) {
        Map<String, String> sysctls = new HashMap<>();
        if (sandbox.netns().isPresent()) {
            sysctls.putAll(networkParameters(sandbox));
        }
        sysctls.putAll(sandbox.sysctls());
        return sysctls;
    }

    /// What Docker and containerd set in a network namespace that is a pod's own: low ports are nothing special
    /// there.
    private static Map<String, String> networkParameters(SandboxRecord sandbox) {
        int lastGroup = sandbox.user().map(user -> user.size() - 1).orElse(Integer.MAX_VALUE);
        return Map.of("net.ipv4.ip_unprivileged_port_start", "0", "net.ipv4.ping_group_range", "0 " + lastGroup);
    }

    private static List<Mount> mounts(ContainerRequest request, Parts parts, RuntimeFiles files) {
        List<Mount> asked = Stream.concat(
                        request.mounts().stream().map(mount -> mount(mount, parts.sandbox())),
                        parts.storage().images().stream())
                .toList();
        Set<String> taken = asked.stream().map(Mount::destination).collect(Collectors.toSet());
        List<Mount> mounts = new ArrayList<>(own(request, parts, files));
        parts.storage()
                .imageVolumes()
                .forEach((path, directory) ->
                        mounts.add(new Mount.Bind(directory, path, Kind.DIRECTORY, Access.READ_WRITE)));
        mounts.removeIf(mount -> taken.contains(mount.destination()));
        mounts.addAll(asked);
        mounts.forEach(ContainerPlanner::requireMountable);
        mounts.sort(Comparator.comparingInt(mount -> depth(mount.destination())));
        return mounts;
    }

    /// What every container of a pod has.
    private static List<Mount> own(ContainerRequest request, Parts parts, RuntimeFiles files) {
        Access access = request.security().readOnlyRootFilesystem() ? Access.READ_ONLY : Access.READ_WRITE;
        List<Mount> mounts = new ArrayList<>();
        mounts.add(cgroups(request, parts));
        parts.sandbox()
                .sharedMemory()
                .ifPresent(memory -> mounts.add(new Mount.Bind(memory, "/dev/shm", Kind.DIRECTORY, Access.READ_WRITE)));
        for (String file : List.of("hosts", "hostname", "resolv.conf")) {
            mounts.add(new Mount.Bind(files.etc(request.container().pod(), file), "/etc/" + file, Kind.FILE, access));
        }
        return mounts;
    }

    /// As in other engines, only who is privileged may have cgroups below its own: an engine in a container does.
    private static Mount.Cgroups cgroups(ContainerRequest request, Parts parts) {
        String place = "/sys/fs/cgroup";
        return request.security().privileged()
                ? new Mount.Cgroups(
                        place, parts.hierarchies(), parts.cgroup().unified().isPresent(), Access.READ_WRITE)
                : new Mount.Cgroups(place, parts.hierarchies());
    }

    private static Mount mount(ContainerRequest.VolumeMount mount, SandboxRecord sandbox) {
        SandboxRecord.Source source = sandbox.volumes().get(mount.volume());
        if (source == null) {
            throw new IllegalArgumentException(
                    "volume %s, mounted at %s, is not one of the pod's".formatted(mount.volume(), mount.mountPath()));
        }
        return new Mount.Bind(
                source.path(),
                mount.subPath(),
                Path.of(mount.mountPath()).toString(),
                kind(source, mount.subPath()),
                access(mount.access(), source),
                propagation(mount.propagation()));
    }

    private static void requireMountable(Mount mount) {
        Path destination = Path.of(mount.destination()).normalize();
        if (destination.getNameCount() == 0) {
            throw new IllegalArgumentException(
                    "nothing can be mounted at /, which is the image's: mount it at a directory below");
        }
        boolean ofKernel = mount instanceof Mount.Bind bind
                && bind.source().equals(Path.of(KERNEL))
                && bind.subPath().isEmpty();
        if (destination.startsWith(KERNEL)
                && !LAID_OVER_KERNEL.contains(destination.toString())
                && !(ofKernel && destination.equals(Path.of(KERNEL)))) {
            throw new IllegalArgumentException(
                    "nothing can be mounted at %s, which is the kernel's: only the host's own %s, or a file at one of %s"
                            .formatted(destination, KERNEL, String.join(", ", new TreeSet<>(LAID_OVER_KERNEL))));
        }
    }

    private static Access access(ContainerRequest.Access wanted, SandboxRecord.Source source) {
        return switch (wanted) {
            case READ_WRITE -> source.readOnly() ? Access.READ_ONLY : Access.READ_WRITE;
            case READ_ONLY -> Access.READ_ONLY;
            case RECURSIVE_READ_ONLY -> Access.RECURSIVE_READ_ONLY;
        };
    }

    /// A wrong answer, because a container changes what is there meanwhile, makes the mount fail and nothing worse.
    private static Kind kind(SandboxRecord.Source source, String subPath) {
        if (subPath.isEmpty() || source.kind() == Kind.DEVICE) {
            return source.kind();
        }
        Path below = source.path().resolve(subPath);
        return Files.exists(below) && !Files.isDirectory(below) ? Kind.FILE : Kind.DIRECTORY;
    }

    private static Propagation propagation(String word) {
        return switch (word) {
            case "", "None" -> Propagation.PRIVATE;
            case "HostToContainer" -> Propagation.HOST_TO_CONTAINER;
            case "Bidirectional" -> Propagation.BIDIRECTIONAL;
            default -> throw new IllegalArgumentException("unknown mount propagation: " + word);
        };
    }

    private static int depth(String destination) {
        return Path.of(destination).getNameCount();
    }
}
