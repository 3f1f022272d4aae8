package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Gives pods the share of scarce cpus that their containers have together: what a container asks for counts among
/// those of its pod only, and pods among one another. Thread-safe.
///
/// @spec https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ Kubernetes: Resource
///     Management for Pods and Containers
final class CpuShares {
    private static final Logger LOG = Logger.getLogger(CpuShares.class);

    private final CgroupTree tree;

    CpuShares(CgroupTree tree) {
        this.tree = tree;
    }

    /// Gives the pod of a container the sum of what those in it have, the least if there are none.
    synchronized void settle(CgroupName container) {
        Optional<Hierarchies.Home> home = tree.hierarchies().home(Controller.CPU);
        if (home.isEmpty() || container.container().isEmpty()) {
            return;
        }
        Path pod = tree.own(home.get().root()).resolve(container.pod().value());
        try {
            write(pod, home.get(), below(pod, file(home.get())));
        } catch (NoSuchFileException e) {
            // The whole pod is being removed.
        } catch (IOException e) {
            // Whoever may write to a cgroup can make it one that has no share; its containers run all the same.
            LOG.warnf("share of cpus was not set pod=%s reason=%s", container.pod(), e.getMessage());
        }
    }

    /// Lets processes that are being killed have the cpu time that they need to end, whoever else wants it: beside
    /// busy pods that asked for cpus, one that did not could take minutes.
    void hasten(CgroupName name) {
        Optional<Hierarchies.Home> home = tree.hierarchies().home(Controller.CPU);
        if (home.isEmpty()) {
            return;
        }
        Path pod = tree.own(home.get().root()).resolve(name.pod().value());
        Path directory = tree.directory(home.get().root(), name);
        for (Path each : directory.equals(pod) ? withContainers(pod) : List.of(pod, directory)) {
            try {
                write(each, home.get(), Limits.Cpu.MOST_SHARES);
            } catch (NoSuchFileException e) {
                // Gone, and all that was in it, or never in this hierarchy.
            } catch (IOException e) {
                // They are killed all the same.
                LOG.warnf("share of cpus was not raised cgroup=%s reason=%s", each, e.getMessage());
            }
        }
    }

    private static List<Path> withContainers(Path pod) {
        List<Path> all = new ArrayList<>(List.of(pod));
        try (DirectoryStream<Path> containers = Files.newDirectoryStream(pod, Files::isDirectory)) {
            containers.forEach(all::add);
        } catch (NoSuchFileException e) {
            // It is in no cgroup of cpus.
        } catch (IOException e) {
            LOG.warnf("containers of a pod are not known cgroup=%s reason=%s", pod, e.getMessage());
        }
        return all;
    }

    private static String file(Hierarchies.Home home) {
        return home.unified() ? "cpu.weight" : "cpu.shares";
    }

    private static void write(Path directory, Hierarchies.Home home, long share) throws IOException {
        long within = home.unified()
                ? Math.clamp(share, Limits.Cpu.LEAST_WEIGHT, Limits.Cpu.MOST_WEIGHT)
                : Math.clamp(share, Limits.Cpu.LEAST_SHARES, Limits.Cpu.MOST_SHARES);
        ControlFile.write(directory.resolve(file(home)), Long.toString(within));
    }

    private static long below(Path directory, String file) throws IOException {
        long sum = 0;
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory, Files::isDirectory)) {
            for (Path child : children) {
                sum += share(child.resolve(file));
            }
        }
        return sum;
    }

    /// Nothing if it was removed meanwhile.
    private static long share(Path file) throws IOException {
        try {
            return ControlFile.number(file).orElse(0);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }
}
