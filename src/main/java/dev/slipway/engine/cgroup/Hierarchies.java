package dev.slipway.engine.cgroup;

import dev.slipway.engine.linux.MountEntry;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// The cgroup hierarchies that this host has mounted. Pure version 2 has only the unified one, pure version 1 has none
/// of
/// it, and a hybrid host has both: then a controller is in one of them, and the unified one may have no controllers at
/// all but still freezes and kills.
///
/// @param unified where the version 2 hierarchy is mounted
/// @param unifiedControllers those that are not taken by a version 1 hierarchy
/// @param classic where each controller's version 1 hierarchy is mounted; several controllers may share one
public record Hierarchies(Optional<Path> unified, Set<Controller> unifiedControllers, Map<Controller, Path> classic) {
    public Hierarchies {
        unifiedControllers = Set.copyOf(unifiedControllers);
        classic = Map.copyOf(classic);
        if (unified.isEmpty() && !classic.containsKey(Controller.FREEZER)) {
            throw new IllegalArgumentException("find cgroups: neither a cgroup2 file system nor a version 1 freezer is"
                    + " mounted; mount one, for instance: mount -t cgroup2 none /sys/fs/cgroup");
        }
    }

    /// Looks at the mounts of this process.
    ///
    /// @throws IOException also when no usable hierarchy is mounted: the message says what to mount
    public static Hierarchies detect() throws IOException {
        List<MountEntry> mounts = Mounts.table();
        Optional<Path> unified = mounts.stream()
                .filter(mount -> mount.type().equals("cgroup2"))
                .map(MountEntry::point)
                .findFirst();
        String controllers = unified.isPresent() ? controllers(unified.get()) : "";
        try {
            return of(mounts, controllers);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// Those that can be handed down. In a container the root is a cgroup like any other: while processes are in it, it
    /// keeps what limits them for itself.
    ///
    /// @spec https://docs.kernel.org/admin-guide/cgroup-v2.html#no-internal-process-constraint Control Group v2
    static String controllers(Path root) throws IOException {
        boolean isOuterRoot = !Files.exists(root.resolve("cgroup.type"));
        boolean canHandDown =
                isOuterRoot || Files.readString(root.resolve("cgroup.procs")).isBlank();
        return Files.readString(root.resolve(canHandDown ? "cgroup.controllers" : "cgroup.subtree_control"));
    }

    /// @param controllers content of the unified root's `cgroup.controllers`
    static Hierarchies of(List<MountEntry> mounts, String controllers) {
        Optional<Path> unified = Optional.empty();
        Map<Controller, Path> classic = new EnumMap<>(Controller.class);
        for (MountEntry mount : mounts) {
            if (mount.type().equals("cgroup2") && unified.isEmpty()) {
                unified = Optional.of(mount.point());
            }
            if (mount.type().equals("cgroup")) {
                mount.options().forEach(option -> Controller.of(option)
                        .ifPresent(controller -> classic.putIfAbsent(controller, mount.point())));
            }
        }
        EnumSet<Controller> free = EnumSet.noneOf(Controller.class);
        Arrays.stream(controllers.strip().split(" "))
                .forEach(word -> Controller.of(word).ifPresent(free::add));
        return new Hierarchies(unified, free, classic);
    }

    /// What one step of work, such as a build's, may well take of this host's memory; empty where that cannot be
    /// limited.
    public OptionalLong usualWorkMemory() throws IOException {
        return home(Controller.MEMORY).isPresent()
                ? OptionalLong.of(HostUsage.usualWorkMemory())
                : OptionalLong.empty();
    }

    /// Whether the number of processes can be limited.
    public boolean countsProcesses() {
        return home(Controller.PIDS).isPresent();
    }

    /// Where `controller` is, if this host has it.
    Optional<Home> home(Controller controller) {
        if (unified.isPresent() && unifiedControllers.contains(controller)) {
            return Optional.of(new Home(unified.get(), true));
        }
        return Optional.ofNullable(classic.get(controller)).map(root -> new Home(root, false));
    }

    /// All mounted roots, the unified one first, each once.
    List<Path> roots() {
        return Stream.concat(unified.stream(), classic.values().stream())
                .distinct()
                .toList();
    }

    /// What else tells of the host.
    ///
    /// @param sys where sysfs is
    /// @param membership the file that says which cgroups this process is in
    record Host(Path sys, Path membership) {
        static final Host THIS = new Host(Path.of("/sys"), Path.of("/proc/self/cgroup"));
    }

    /// @param unified whether files have the names and forms of version 2
    record Home(Path root, boolean unified) {}
}
