package dev.slipway.engine.cgroup;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The cgroups of one engine.
///
/// Life: [#open] once; [#create] gives a pod or container its directories and limits, and says where its first process
/// has to be; [#update], [#freeze], [#thaw], [#kill], [#usage] act on what runs; [#remove] when it has ended.
/// [#sweep] removes what an earlier engine left, [#dismantle] everything.
///
/// Thread-safe: the kernel's directories are the only state, and one name is used by one thread at a time.
public final class Cgroups {
    private static final Duration REMOVE_LIMIT = Duration.ofSeconds(2);
    private static final Set<Controller> ENABLED =
            Set.of(Controller.CPU, Controller.CPUSET, Controller.MEMORY, Controller.PIDS);

    private final Hierarchies hierarchies;
    private final String parent;

    /// @param parent name of the directory in each hierarchy that everything is below; engines side by side have
    ///     different ones
    public Cgroups(Hierarchies hierarchies, String parent) {
        if (!parent.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}")) {
            throw new IllegalArgumentException("cgroup parent is not a plain name: " + parent);
        }
        this.hierarchies = hierarchies;
        this.parent = parent;
    }

    /// Makes the engine's own directories and hands controllers down to them.
    public void open() throws IOException {
        for (Path root : hierarchies.roots()) {
            makeDirectory(root.resolve(parent), root);
        }
    }

    /// Makes a cgroup with its limits, or sets the limits of one that exists. The pod's own comes before those of
    /// its containers.
    ///
    /// @throws IOException also when this host lacks a controller that a limit needs; the message names it
    public Placement create(CgroupName name, Limits limits) throws IOException {
        Optional<Path> unified = hierarchies.unified().map(root -> directory(root, name));
        if (unified.isPresent()) {
            makeAll(hierarchies.unified().orElseThrow(), name);
        }
        Set<Path> classic = new TreeSet<>();
        for (Controller controller : needed(limits)) {
            Hierarchies.Home home = home(controller);
            if (!home.unified()) {
                makeAll(home.root(), name);
                classic.add(directory(home.root(), name));
            }
            apply(controller, home, name, limits);
        }
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

    /// The version 1 hierarchies that a placement is in, by the names of their mount points: `cpu,cpuacct`.
    public List<String> classicNames(Placement placement) {
        return hierarchies.classic().values().stream()
                .distinct()
                .filter(root -> placement.classic().stream().anyMatch(directory -> directory.startsWith(root)))
                .map(root -> root.getFileName().toString())
                .sorted()
                .toList();
    }

    /// Changes the limits of a cgroup in place; limits that are absent now are lifted. Processes that were in no
    /// directory of a limit's hierarchy are moved there.
    public void update(CgroupName name, Limits limits) throws IOException {
        for (Controller controller : ENABLED) {
            Optional<Hierarchies.Home> home = hierarchies.home(controller);
            if (home.isPresent()
                    && !LimitPlanner.controllers(limits).contains(controller)
                    && Files.isDirectory(directory(home.get().root(), name))) {
                apply(controller, home.get(), name, limits);
            }
        }
        Placement placement = create(name, limits);
        for (Path directory : placement.classic()) {
            List<Long> outside = new ArrayList<>(processes(name));
            outside.removeAll(Members.processes(directory));
            for (long pid : outside) {
                ControlFile.write(directory.resolve("cgroup.procs"), Long.toString(pid));
            }
        }
    }

    /// Stops every process; returns when all stand still.
    ///
    /// @throws IOException also when one would not within `limit`; then all go on
    public void freeze(CgroupName name, Duration limit) throws IOException {
        Freezer freezer = freezer(name);
        if (!freezer.freeze(limit)) {
            freezer.thaw();
            throw new IOException("freeze %s: some process did not stop within %s".formatted(name, limit));
        }
    }

    public void thaw(CgroupName name) throws IOException {
        freezer(name).thaw();
    }

    public boolean isFrozen(CgroupName name) throws IOException {
        return exists(name) && freezer(name).isFrozen();
    }

    /// Kills every process, frozen or not, and returns when none is left.
    ///
    /// @throws IOException also when some process is still there after `limit`
    public void kill(CgroupName name, Duration limit) throws IOException {
        if (!exists(name)) {
            return;
        }
        boolean gone;
        try {
            gone = killAll(freezer(name), limit);
        } catch (NoSuchFileException e) {
            // Somebody who ends the whole pod may remove it at the same time.
            gone = !exists(name);
        }
        if (!gone) {
            throw new IOException("kill %s: some process did not end within %s".formatted(name, limit));
        }
    }

    private static boolean killAll(Freezer freezer, Duration limit) throws IOException {
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
            removeTree(directory(root, name));
        }
    }

    /// The pods that have a cgroup.
    public Set<PodUid> pods() throws IOException {
        Set<PodUid> pods = new TreeSet<>();
        for (Path root : hierarchies.roots()) {
            Path own = root.resolve(parent);
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
                kill(CgroupName.of(pod), REMOVE_LIMIT);
                remove(CgroupName.of(pod));
            }
        }
    }

    /// Kills and removes everything of this engine.
    public void dismantle() throws IOException {
        sweep(Set.of());
        for (Path root : hierarchies.roots()) {
            removeTree(root.resolve(parent));
        }
    }

    /// Without the unified hierarchy every container is in a freezer, which is how it is killed, and accounts for
    /// cpu.
    private Set<Controller> needed(Limits limits) {
        Set<Controller> needed = LimitPlanner.controllers(limits);
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
        for (LimitPlanner.Setting setting : LimitPlanner.settings(controller, home.unified(), limits)) {
            Path file = directory.resolve(setting.file());
            if (setting.required() || Files.exists(file)) {
                ControlFile.write(file, setting.inherited() && !home.unified() ? parentValue(file) : setting.value());
            }
        }
    }

    private static String parentValue(Path file) throws IOException {
        return ControlFile.read(file.resolveSibling("../" + file.getFileName()));
    }

    private Freezer freezer(CgroupName name) throws IOException {
        Optional<Path> unified = hierarchies.unified();
        Path root =
                unified.isPresent() ? unified.get() : home(Controller.FREEZER).root();
        return Freezer.of(directory(root, name), unified.isPresent());
    }

    private boolean exists(CgroupName name) {
        return hierarchies.roots().stream().anyMatch(root -> Files.isDirectory(directory(root, name)));
    }

    private List<Long> processes(CgroupName name) throws IOException {
        Path root = hierarchies.unified().isPresent()
                ? hierarchies.unified().get()
                : home(Controller.FREEZER).root();
        return Members.processes(directory(root, name));
    }

    private Path directory(Path root, CgroupName name) {
        return name.below(root.resolve(parent));
    }

    private void makeAll(Path root, CgroupName name) throws IOException {
        Path own = root.resolve(parent);
        if (!Files.isDirectory(own)) {
            // Somebody tidied up the host while nothing ran here.
            makeDirectory(own, root);
        }
        Path pod = own.resolve(name.pod().value());
        makeDirectory(pod, root);
        if (name.container().isPresent()) {
            makeLeaf(directory(root, name), root);
        }
    }

    /// A directory whose children shall have limits: on version 2 its parent has to hand the controllers down.
    private void makeDirectory(Path directory, Path root) throws IOException {
        makeLeaf(directory, root);
        if (hierarchies.unified().filter(root::equals).isPresent()) {
            List<Path> handing = directory.equals(root.resolve(parent)) ? List.of(root, directory) : List.of(directory);
            for (Path each : handing) {
                handDown(each);
            }
        }
    }

    private void makeLeaf(Path directory, Path root) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Files.createDirectory(directory);
        if (root.equals(hierarchies.classic().get(Controller.CPUSET))) {
            inherit(directory, "cpuset.cpus");
            inherit(directory, "cpuset.mems");
        }
        Path accounting = directory.resolve("memory.use_hierarchy");
        if (root.equals(hierarchies.classic().get(Controller.MEMORY))
                && ControlFile.read(accounting).equals("0")) {
            ControlFile.write(accounting, "1");
        }
    }

    /// A version 1 cpuset begins empty and takes no process before it has been given cpus and memory nodes.
    private static void inherit(Path directory, String file) throws IOException {
        if (ControlFile.read(directory.resolve(file)).isEmpty()) {
            ControlFile.write(directory.resolve(file), parentValue(directory.resolve(file)));
        }
    }

    private void handDown(Path directory) throws IOException {
        Path file = directory.resolve("cgroup.subtree_control");
        Set<String> handed = Set.of(ControlFile.read(file).split(" "));
        String missing = ENABLED.stream()
                .filter(hierarchies.unifiedControllers()::contains)
                .map(Controller::word)
                .filter(word -> !handed.contains(word))
                .sorted()
                .map(word -> "+" + word)
                .collect(Collectors.joining(" "));
        if (!missing.isEmpty()) {
            ControlFile.write(file, missing);
        }
    }

    private static void removeTree(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> children = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            entries.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .forEach(children::add);
        }
        for (Path child : children) {
            removeTree(child);
        }
        // The last process leaves its cgroup a moment after its parent has heard of its end.
        if (!Patience.until(REMOVE_LIMIT, () -> removed(directory))) {
            throw new IOException("remove %s: a process is still in it".formatted(directory));
        }
    }

    private static boolean removed(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
            return true;
        } catch (FileSystemException e) {
            if (e.getReason() != null && e.getReason().contains("busy")) {
                return false;
            }
            throw e;
        }
    }
}
