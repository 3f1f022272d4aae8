package dev.slipway.engine.cgroup;

import dev.slipway.engine.device.DeviceList;
import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The cgroups of one engine.
///
/// Life: [#open] once; [#create] gives a pod or container its directories and limits, and says where its first process
/// has to be; [#update], [#freeze], [#thaw], [#kill], [#usage] act on what runs; [#remove] when it has ended.
/// [#sweep] removes what an earlier engine left, [#dismantle] everything. [#close] takes nothing from what runs.
///
/// Thread-safe: the kernel's directories are the only state, and one name is used by one thread at a time.
public final class Cgroups implements AutoCloseable {
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
    /// Those without limits.
    private static final EnumSet<Controller> UNLIMITED =
            EnumSet.of(Controller.CPUACCT, Controller.FREEZER, Controller.DEVICES);

    private final Hierarchies hierarchies;
    private final CgroupTree tree;
    private final MemoryProtection protection;
    private final CpuShares shares;
    private final OptionalLong usualPids;
    private final DeviceControl devices;
    private final DiskWeights diskWeights;
    private final OwnMemory ownMemory;

    /// @param parent name of the directory in each hierarchy that everything is below; engines side by side have
    ///     different ones
    public Cgroups(Hierarchies hierarchies, String parent) {
        this(hierarchies, parent, OptionalLong.empty());
    }

    /// @param usualPids how many processes a container may have of which nothing else is said; empty for any number
    public Cgroups(Hierarchies hierarchies, String parent, OptionalLong usualPids) {
        this(hierarchies, parent, usualPids, Hierarchies.Host.THIS);
    }

    Cgroups(Hierarchies hierarchies, String parent, OptionalLong usualPids, Hierarchies.Host host) {
        if (!parent.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}")) {
            throw new IllegalArgumentException("cgroup parent is not a plain name: " + parent);
        }
        this.hierarchies = hierarchies;
        this.tree = new CgroupTree(hierarchies, parent);
        this.protection = new MemoryProtection(tree);
        this.shares = new CpuShares(tree);
        this.usualPids = usualPids;
        this.devices = new DeviceControl(tree);
        this.diskWeights = new DiskWeights(tree, host.sys());
        this.ownMemory = new OwnMemory(hierarchies, host.membership());
    }

    /// Makes the engine's own directories and hands controllers down to them.
    public void open() throws IOException {
        for (Path root : hierarchies.roots()) {
            tree.makeDirectory(tree.own(root), root);
            tree.weigh(root);
        }
        devices.open();
    }

    /// Why this host holds containers to no list of devices; empty if it does.
    public Optional<String> missingDeviceControl() {
        return devices.missing();
    }

    /// As [#create(CgroupName, Limits)], and from now on no process in it opens a device that `allowed` does not
    /// name.
    public Placement create(CgroupName name, Limits limits, DeviceList allowed) throws IOException {
        Placement placement = create(name, limits);
        Set<Path> classic = new TreeSet<>(placement.classic());
        devices.hold(name, allowed).ifPresent(classic::add);
        return new Placement(placement.unified(), List.copyOf(classic));
    }

    /// Makes a cgroup with its limits, or sets the limits of one that exists. The pod's own comes before those of
    /// its containers.
    ///
    /// @throws IOException also when this host lacks a controller that a limit needs; the message names it
    public Placement create(CgroupName name, Limits wanted) throws IOException {
        Limits limits = effective(name, wanted);
        Optional<Path> unified = hierarchies.unified().map(root -> directory(root, name));
        if (unified.isPresent()) {
            tree.makeAll(hierarchies.unified().orElseThrow(), name);
            tree.handDownOnDemand(name, limits);
        }
        Set<Path> classic = new TreeSet<>();
        for (Controller controller : needed(name, limits)) {
            Hierarchies.Home home = home(controller);
            if (!home.unified()) {
                tree.makeAll(home.root(), name);
                classic.add(directory(home.root(), name));
            }
            apply(controller, home, name, limits);
        }
        if (limits.memory().requestBytes().isPresent()) {
            protection.raise(name);
        }
        shares.settle(name);
        return new Placement(unified, List.copyOf(classic));
    }

    /// Where one more process has to be so that it is in a cgroup like those that are in it already.
    public Placement find(CgroupName name) {
        List<Path> classic = hierarchies.classic().values().stream()
                .distinct()
                .map(root -> directory(root, name))
                .filter(Files::isDirectory)
                .sorted()
                .toList();
        return new Placement(
                hierarchies.unified().map(root -> directory(root, name)).filter(Files::isDirectory), classic);
    }

    /// The version 1 hierarchies that a placement is in, by the names of their mount points: `cpu,cpuacct`. That of
    /// devices says nothing to who is in it.
    public List<String> classicNames(Placement placement) {
        return hierarchies.classic().entrySet().stream()
                .filter(hierarchy -> hierarchy.getKey() != Controller.DEVICES)
                .map(Map.Entry::getValue)
                .distinct()
                .filter(root -> placement.classic().stream().anyMatch(directory -> directory.startsWith(root)))
                .map(root -> root.getFileName().toString())
                .sorted()
                .toList();
    }

    /// Changes the limits of a cgroup in place; limits that are absent now are lifted. Processes that were in no
    /// directory of a limit's hierarchy are moved there. Memory that is in use is not taken away.
    public void update(CgroupName name, Limits wanted) throws IOException {
        Limits limits = effective(name, wanted);
        limits.memory().requireRoomFor(usage(name));
        for (Controller controller : EnumSet.complementOf(UNLIMITED)) {
            Optional<Hierarchies.Home> home = hierarchies.home(controller);
            if (home.isPresent()
                    && !LimitPlanner.controllers(limits).contains(controller)
                    && isCounted(controller, home.get(), name)) {
                apply(controller, home.get(), name, limits);
            }
        }
        Placement placement = create(name, limits);
        for (Path directory : placement.classic()) {
            Members.gather(directory(freezers(), name), directory);
        }
    }

    /// Stops every process; returns when all stand still.
    ///
    /// @throws IOException also when one would not within `limit`; then all go on
    public void freeze(CgroupName name, Duration limit) throws IOException {
        Freezer freezer = freezer(name);
        boolean isFrozen = false;
        try {
            isFrozen = freezer.freeze(limit);
        } finally {
            if (!isFrozen) {
                freezer.thaw();
            }
        }
        if (!isFrozen) {
            throw new IOException("freeze %s: some process did not stop within %s".formatted(name, limit));
        }
    }

    public void thaw(CgroupName name) throws IOException {
        freezer(name).thaw();
    }

    /// Whether every process stands still, or will as soon as it can: who has asked for it may have gone.
    public boolean isFrozen(CgroupName name) throws IOException {
        return hasFreezer(name) && freezer(name).isFreezing();
    }

    /// Kills every process, frozen or not, and returns when none is left. What is to be started afterwards needs a
    /// cgroup that is made anew: kernels from 6.14 on count how often a cgroup was killed, compare that with the
    /// count of the cgroup that a process is cloned from, and kill a child that is cloned into one with another
    /// count.
    ///
    /// @throws IOException also when some process is still there after `limit`
    public void kill(CgroupName name, Duration limit) throws IOException {
        if (!hasFreezer(name)) {
            return;
        }
        boolean gone;
        try {
            gone = killAll(name, freezer(name), limit);
        } catch (NoSuchFileException e) {
            // Somebody who ends the whole pod may remove it at the same time.
            gone = !hasFreezer(name);
        }
        if (!gone) {
            throw new IOException("kill %s: some process did not end within %s".formatted(name, limit));
        }
    }

    private boolean killAll(CgroupName name, Freezer freezer, Duration limit) throws IOException {
        if (!freezer.isEmpty()) {
            shares.hasten(name);
        }
        return Patience.until(limit, () -> {
            if (freezer.isEmpty()) {
                return true;
            }
            freezer.kill();
            return freezer.isEmpty();
        });
    }

    /// How many processes the kernel has killed because the cgroup's memory limit was reached.
    public long oomKills(CgroupName name) throws IOException {
        Optional<Hierarchies.Home> home = hierarchies.home(Controller.MEMORY);
        if (home.isEmpty()) {
            return 0;
        }
        Path directory = directory(home.get().root(), name);
        Path file = directory.resolve(home.get().unified() ? "memory.events" : "memory.oom_control");
        return Files.exists(file) ? ControlFile.keyed(file, "oom_kill") : 0;
    }

    /// What it uses; empty if there is no such cgroup.
    public Optional<CgroupUsage> usage(CgroupName name) throws IOException {
        try {
            return exists(name)
                    ? Optional.of(new UsageReader(hierarchies, root -> directory(root, name)).read())
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            // Removed while it was read.
            return Optional.empty();
        }
    }

    /// Removes the directories of a pod or container and all below them; nothing happens if there are none.
    ///
    /// @throws IOException also when a process is still in it
    public void remove(CgroupName name) throws IOException {
        for (Path root : hierarchies.roots()) {
            CgroupTree.removeTree(directory(root, name));
        }
        shares.settle(name);
        diskWeights.settle(name);
    }

    /// The pods that have a cgroup.
    public Set<PodUid> pods() throws IOException {
        Set<PodUid> pods = new TreeSet<>();
        for (Path root : hierarchies.roots()) {
            Path own = tree.own(root);
            if (Files.isDirectory(own)) {
                try (Stream<Path> directories = Files.list(own)) {
                    directories
                            .filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                            .forEach(path ->
                                    pods.add(new PodUid(path.getFileName().toString())));
                }
            }
        }
        return pods;
    }

    /// Kills and removes the cgroups of pods that nobody owns.
    public void sweep(Set<PodUid> owned) throws IOException {
        for (PodUid pod : pods()) {
            if (!owned.contains(pod)) {
                kill(CgroupName.of(pod), KILL_LIMIT);
                remove(CgroupName.of(pod));
            }
        }
    }

    /// Kills and removes everything of this engine.
    public void dismantle() throws IOException {
        sweep(Set.of());
        for (Path root : hierarchies.roots()) {
            CgroupTree.removeTree(tree.own(root));
        }
    }

    /// What runs stays as it is.
    @Override
    public void close() {
        devices.close();
    }

    /// What holds for a container of which nothing else is said, where this host can keep it.
    private Limits effective(CgroupName name, Limits limits) {
        boolean isContainer = name.container().isPresent();
        return isContainer && hierarchies.home(Controller.PIDS).isPresent() ? limits.orPids(usualPids) : limits;
    }

    /// A container competes for cpus as one among its pod's, also if it asks for none, and never for the
    /// engine's own memory. Without the unified hierarchy it is in a freezer too, which is how it is killed,
    /// and accounts for cpu.
    private Set<Controller> needed(CgroupName name, Limits limits) throws IOException {
        Set<Controller> needed = LimitPlanner.controllers(limits);
        if (name.container().isPresent() && hierarchies.home(Controller.CPU).isPresent()) {
            needed.add(Controller.CPU);
        }
        if (limits.memory().requestBytes().isPresent()
                && hierarchies
                        .home(Controller.MEMORY)
                        .filter(Hierarchies.Home::unified)
                        .isPresent()) {
            needed.add(Controller.MEMORY);
        }
        if (name.container().isPresent() && ownMemory.isLimited()) {
            needed.add(Controller.MEMORY);
        }
        if (hierarchies.unified().isEmpty()) {
            needed.add(Controller.FREEZER);
            if (hierarchies.home(Controller.CPUACCT).isPresent()) {
                needed.add(Controller.CPUACCT);
            }
        }
        return needed;
    }

    private Hierarchies.Home home(Controller controller) throws IOException {
        return hierarchies
                .home(controller)
                .orElseThrow(() -> new IOException(
                        "limit %s: this host has no %s controller mounted".formatted(controller, controller)));
    }

    private void apply(Controller controller, Hierarchies.Home home, CgroupName name, Limits limits)
            throws IOException {
        Path directory = directory(home.root(), name);
        boolean isKept = false;
        for (LimitPlanner.Setting setting : LimitPlanner.settings(controller, home.unified(), limits)) {
            Path file = directory.resolve(setting.file());
            if (setting.required() || Files.exists(file)) {
                ControlFile.write(
                        file, setting.inherited() && !home.unified() ? CgroupTree.parentValue(file) : setting.value());
                isKept |= controller != Controller.IO || diskWeights.areRead(setting.file(), home.root());
            }
        }
        if (controller == Controller.IO) {
            diskWeights.settle(name);
        }
        if (!isKept && controller == Controller.IO && limits.ioWeight().isPresent()) {
            throw new IOException(
                    "limit io: no disk of this host is shared by weights; bfq does it, see /sys/block/*/queue/scheduler");
        }
    }

    /// Whether `controller` has files in the cgroup, so that a limit may be there to be lifted.
    private boolean isCounted(Controller controller, Hierarchies.Home home, CgroupName name) throws IOException {
        Path directory = directory(home.root(), name);
        if (!Files.isDirectory(directory) || !home.unified() || !CgroupTree.ON_DEMAND.contains(controller)) {
            return Files.isDirectory(directory);
        }
        return List.of(ControlFile.read(directory.resolve("cgroup.controllers")).split(" "))
                .contains(controller.word());
    }

    private Freezer freezer(CgroupName name) throws IOException {
        return Freezer.of(directory(freezers(), name), hierarchies.unified().isPresent());
    }

    /// The hierarchy in which every process is, and in which it is frozen and killed.
    private Path freezers() throws IOException {
        Optional<Path> unified = hierarchies.unified();
        return unified.isPresent() ? unified.get() : home(Controller.FREEZER).root();
    }

    /// Whether there is anything to kill or freeze by: somebody may have removed it and left the other
    /// hierarchies'.
    private boolean hasFreezer(CgroupName name) throws IOException {
        return Files.isDirectory(directory(freezers(), name));
    }

    private boolean exists(CgroupName name) {
        return hierarchies.roots().stream().anyMatch(root -> Files.isDirectory(directory(root, name)));
    }

    /// Numbers of the processes in it, and below it.
    public List<Long> processes(CgroupName name) throws IOException {
        return Members.processes(directory(freezers(), name));
    }

    private Path directory(Path root, CgroupName name) {
        return tree.directory(root, name);
    }
}
