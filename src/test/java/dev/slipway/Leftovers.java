package dev.slipway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What the containers of one engine could leave on the host, counted. Its cgroups and its bridge have the names that
/// it makes from its run directory.
record Leftovers(long mounts, long cgroups, long interfaces, long shims, long layers, long podDirectories) {
    static Leftovers count(EngineProcess engine) {
        try {
            return new Leftovers(
                    Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                            .filter(line -> line.contains(engine.home().toString()))
                            .count(),
                    countCgroups("slipway" + suffix(engine)),
                    entries(Path.of("/sys/class/net/slw" + suffix(engine) + "/brif")),
                    countShims(engine),
                    entries(engine.root().resolve("snapshots"))
                            + entries(engine.root().resolve("snapshots/writable")),
                    entries(engine.root().resolve("pods"))
                            + entries(engine.run().resolve("pods")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String suffix(EngineProcess engine) {
        return Integer.toHexString(engine.run().toString().hashCode());
    }

    private static long countCgroups(String parent) throws IOException {
        try (Stream<Path> all = Files.walk(Path.of("/sys/fs/cgroup"))) {
            return all.filter(path -> path.toString().contains(parent) && Files.isDirectory(path))
                    .count();
        } catch (UncheckedIOException e) {
            // A cgroup vanished while we walked: count again.
            return countCgroups(parent);
        }
    }

    /// By their first argument: what they are executed through has no path.
    private static long countShims(EngineProcess engine) {
        String shim = engine.run().resolve("bin/shim-").toString();
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process.pid()).startsWith(shim))
                .count();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException e) {
            // It ended a moment ago.
            return "";
        }
    }

    private static long entries(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.count();
        }
    }
}
