package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// By which weights the disks of this host are shared, if they are: kernels have the files of weights also where
/// nothing reads them. A weight counts among those of the same pod only, so a pod has the highest of its containers'.
/// Thread-safe.
///
/// @spec https://docs.kernel.org/block/bfq-iosched.html BFQ: Group scheduling with BFQ
/// @spec https://docs.kernel.org/admin-guide/cgroup-v2.html#io cgroup v2: IO Interface Files
final class DiskWeights {
    private static final Logger LOG = Logger.getLogger(DiskWeights.class);
    private static final List<String> UNIFIED_FILES = List.of("io.weight", "io.bfq.weight");
    private static final List<String> CLASSIC_FILES = List.of("blkio.weight", "blkio.bfq.weight");

    private final CgroupTree tree;
    private final Path sys;

    /// @param sys where sysfs is, usually `/sys`
    DiskWeights(CgroupTree tree, Path sys) {
        this.tree = tree;
        this.sys = sys;
    }

    /// Whether anything reads what is written to a file of that name.
    ///
    /// @param root of the hierarchy
    boolean areRead(String file, Path root) throws IOException {
        return file.equals("io.weight") ? isCostCounted(root.resolve("io.cost.qos")) : isScheduledByBfq();
    }

    /// Gives the pod of a container the highest weight of those in it. On version 1 only who has a weight is in the
    /// hierarchy at all, beside the processes of everybody else, so the engine's directory has the highest of its
    /// pods'.
    synchronized void settle(CgroupName container) throws IOException {
        Optional<Hierarchies.Home> home = tree.hierarchies().home(Controller.IO);
        if (home.isEmpty() || container.container().isEmpty()) {
            return;
        }
        Path own = tree.own(home.get().root());
        Path pod = own.resolve(container.pod().value());
        try {
            if (home.get().unified()) {
                raise(pod, UNIFIED_FILES);
            } else {
                raise(pod, CLASSIC_FILES);
                raise(own, CLASSIC_FILES);
            }
        } catch (NoSuchFileException e) {
            // It is being removed with all that is in it.
        } catch (IOException e) {
            // The containers of other pods run, and end, all the same.
            LOG.warnf("weight among users of disks was not set pod=%s reason=%s", container.pod(), e.getMessage());
        }
    }

    private static void raise(Path directory, List<String> files) throws IOException {
        for (String file : files) {
            if (Files.exists(directory.resolve(file))) {
                int highest = highestBelow(directory, file);
                ControlFile.write(directory.resolve(file), Integer.toString(highest));
            }
        }
    }

    private static int highestBelow(Path directory, String file) throws IOException {
        int highest = 0;
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory, Files::isDirectory)) {
            for (Path child : children) {
                highest = Math.max(highest, weight(child.resolve(file)));
            }
        }
        return highest == 0 ? LimitPlanner.USUAL_WEIGHT : highest;
    }

    /// That of disks without one of their own, on the first line; nothing if it was removed meanwhile.
    private static int weight(Path file) throws IOException {
        try {
            return Integer.parseInt(ControlFile.lines(file).getFirst().replace("default ", ""));
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    private static boolean isCostCounted(Path costs) throws IOException {
        return Files.exists(costs) && Files.readString(costs).contains("enable=1");
    }

    private boolean isScheduledByBfq() throws IOException {
        try (Stream<Path> disks = Files.list(sys.resolve("block"))) {
            for (Path disk : disks.toList()) {
                Path scheduler = disk.resolve("queue/scheduler");
                if (Files.exists(scheduler)
                        && List.of(Files.readString(scheduler).strip().split(" "))
                                .contains("[bfq]")) {
                    return true;
                }
            }
        }
        return false;
    }
}
