package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The directories of one engine in the hierarchies of this host.
///
/// @param parent name of the directory in each hierarchy that everything is below
record CgroupTree(Hierarchies hierarchies, String parent) {
    private static final Duration REMOVE_LIMIT = Duration.ofSeconds(2);
    private static final int PROCESSES_PER_CPU = 4;
    private static final Set<Controller> ENABLED =
            Set.of(Controller.CPU, Controller.CPUSET, Controller.MEMORY, Controller.PIDS);
    /// Handed down only to who needs them: each makes a cgroup dearer.
    static final Set<Controller> ON_DEMAND = Set.of(Controller.IO, Controller.HUGETLB);

    /// The engine's own.
    Path own(Path root) {
        return root.resolve(parent);
    }

    Path directory(Path root, CgroupName name) {
        return name.below(own(root));
    }

    /// Makes the directories of a pod or container, and those above them, in one hierarchy.
    void makeAll(Path root, CgroupName name) throws IOException {
        if (!Files.isDirectory(own(root))) {
            // Somebody tidied up the host while nothing ran here.
            makeDirectory(own(root), root);
        }
        Path pod = own(root).resolve(name.pod().value());
        makeDirectory(pod, root);
        if (name.container().isPresent()) {
            makeLeaf(directory(root, name), root);
        }
    }

    /// A directory whose children shall have limits: on version 2 its parent has to hand the controllers down.
    void makeDirectory(Path directory, Path root) throws IOException {
        makeLeaf(directory, root);
        if (hierarchies.unified().filter(root::equals).isPresent()) {
            List<Path> handing = directory.equals(own(root)) ? List.of(root, directory) : List.of(directory);
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
        if (directory.equals(own(root))) {
            weigh(root);
        }
        Path accounting = directory.resolve("memory.use_hierarchy");
        if (root.equals(hierarchies.classic().get(Controller.MEMORY))
                && ControlFile.read(accounting).equals("0")) {
            ControlFile.write(accounting, "1");
        }
    }

    /// On version 1 each process of the host that is in the root counts as much as the usual share of a whole
    /// cgroup: all containers together count as several of them on each cpu.
    void weigh(Path root) throws IOException {
        if (root.equals(hierarchies.classic().get(Controller.CPU))) {
            long shares = Limits.Cpu.SHARES_PER_CPU
                    * PROCESSES_PER_CPU
                    * Runtime.getRuntime().availableProcessors();
            ControlFile.write(own(root).resolve("cpu.shares"), Long.toString(shares));
        }
    }

    /// A version 1 cpuset begins empty and takes no process before it has been given cpus and memory nodes.
    private static void inherit(Path directory, String file) throws IOException {
        if (ControlFile.read(directory.resolve(file)).isEmpty()) {
            ControlFile.write(directory.resolve(file), parentValue(directory.resolve(file)));
        }
    }

    /// Hands down what only a few want, to one pod.
    void handDownOnDemand(CgroupName name, Limits limits) throws IOException {
        Set<Controller> wanted = LimitPlanner.controllers(limits);
        wanted.retainAll(ON_DEMAND);
        wanted.retainAll(hierarchies.unifiedControllers());
        if (!wanted.isEmpty()) {
            Path root = hierarchies.unified().orElseThrow();
            for (Path each :
                    List.of(root, own(root), own(root).resolve(name.pod().value()))) {
                handDown(each, wanted);
            }
        }
    }

    private void handDown(Path directory) throws IOException {
        handDown(directory, ENABLED);
    }

    private void handDown(Path directory, Set<Controller> controllers) throws IOException {
        Path file = directory.resolve("cgroup.subtree_control");
        Set<String> handed = Set.of(ControlFile.read(file).split(" "));
        String missing = controllers.stream()
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

    static String parentValue(Path file) throws IOException {
        return ControlFile.read(file.resolveSibling("../" + file.getFileName()));
    }

    /// Removes a directory and all below it; nothing happens if there is none.
    static void removeTree(Path directory) throws IOException {
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
