package dev.slipway.engine.cgroup;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Cgroups of this process's own, and processes in them; all of it ends with the test.
final class CgroupLab implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    private final List<Process> started = new ArrayList<>();
    private final List<Cgroups> opened = new ArrayList<>();

    /// Those of this host, and where it has both versions, also version 1 alone.
    static List<Hierarchies> hierarchies() throws IOException {
        Hierarchies host = Hierarchies.detect();
        List<Hierarchies> all = new ArrayList<>(List.of(host));
        if (host.classic().containsKey(Controller.FREEZER)
                && host.classic().containsKey(Controller.PIDS)
                && host.unified().isPresent()) {
            all.add(new Hierarchies(Optional.empty(), Set.of(), host.classic()));
        }
        return all;
    }

    Cgroups open(Hierarchies hierarchies) throws IOException {
        return open(hierarchies, OptionalLong.empty());
    }

    Cgroups open(Hierarchies hierarchies, OptionalLong usualPids) throws IOException {
        Cgroups cgroups = new Cgroups(hierarchies, parent(), usualPids);
        opened.add(cgroups);
        cgroups.open();
        return cgroups;
    }

    static String parent() {
        return "slipwaytest" + ProcessHandle.current().pid();
    }

    /// Starts a shell that joins the cgroup as a container does: by itself, while it has one thread.
    Process run(Placement placement, String script) throws IOException {
        String joins = Stream.concat(
                        placement.classic().stream().map(directory -> directory.resolve("tasks")),
                        placement.unified().stream().map(directory -> directory.resolve("cgroup.procs")))
                .map(file -> "echo 0 > " + file + " && ")
                .collect(Collectors.joining());
        Process process = new ProcessBuilder("sh", "-c", joins + "{ " + script + "; }")
                .redirectErrorStream(true)
                .start();
        started.add(process);
        return process;
    }

    static String limit(Hierarchies hierarchies, CgroupName name, Controller controller, String unified, String classic)
            throws IOException {
        Hierarchies.Home home = hierarchies.home(controller).orElseThrow();
        Path directory = name.below(home.root().resolve(parent()));
        return ControlFile.read(directory.resolve(home.unified() ? unified : classic));
    }

    static long cpu(Cgroups cgroups, CgroupName name) throws IOException {
        return cgroups.usage(name).orElseThrow().cpu().toNanos();
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.call()) {
            assertTrue(System.nanoTime() - deadline < 0, "still not " + what);
            LockSupport.parkNanos(2_000_000);
        }
    }

    @Override
    public void close() throws IOException {
        started.forEach(Process::destroyForcibly);
        for (Cgroups cgroups : opened) {
            cgroups.dismantle();
        }
    }
}
