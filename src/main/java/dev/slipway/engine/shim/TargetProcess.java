package dev.slipway.engine.shim;

import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.ProcessSignals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Holds on to the first process of a container. Its number may be another process' by the time that somebody uses it;
/// the descriptor means that process and no other.
///
/// ```
/// hold the process -> is it in the container's cgroup? -> does it still have its number?
/// ```
///
/// The second question makes sure that the first was answered by the process that is held.
final class TargetProcess {
    private static final int NAMES = 2;

    private TargetProcess() {}

    /// @param pid that the container's first process had
    /// @param cgroup the container's; one that names no directory is not asked for
    /// @return a descriptor, the caller's; empty if the process is no longer the container's
    static Optional<Fd> hold(int pid, CgroupPlacement cgroup) throws IOException {
        Optional<Fd> held = ProcessSignals.hold(pid);
        boolean isTheContainers = false;
        try {
            isTheContainers = held.isPresent() && isIn(pid, cgroup) && ProcessSignals.isThere(held.get());
            return isTheContainers ? held : Optional.empty();
        } finally {
            if (!isTheContainers) {
                held.ifPresent(Fd::close);
            }
        }
    }

    /// Whether it is in the cgroup or in one below it. Paths are told from where the engine's own cgroup namespace
    /// begins, so what counts are the last names, which are the container's alone.
    private static boolean isIn(int pid, CgroupPlacement cgroup) throws IOException {
        List<String> directories = Stream.concat(cgroup.unified().stream(), cgroup.joined().stream())
                .map(TargetProcess::lastNames)
                .toList();
        if (directories.isEmpty()) {
            return true;
        }
        try {
            return Files.readAllLines(Path.of("/proc/%d/cgroup".formatted(pid))).stream()
                    .map(line -> line + "/")
                    .anyMatch(line -> directories.stream().anyMatch(line::contains));
        } catch (IOException e) {
            // Of a process that has ended meanwhile nothing is told.
            return false;
        }
    }

    private static String lastNames(Path directory) {
        int count = directory.getNameCount();
        return "/" + directory.subpath(Math.max(0, count - NAMES), count) + "/";
    }
}
