package dev.slipway;

import dev.slipway.engine.network.MappedPortCount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// What the containers of one engine could leave on the host, counted. Its cgroups and its bridge have the names that
/// it makes from its run directory.
record Leftovers(
        long mounts,
        long cgroups,
        long interfaces,
        int ports,
        int namespaces,
        long shims,
        long layers,
        long podDirectories) {
    private static final Duration REST = Duration.ofMillis(500);

    static Leftovers count(EngineProcess engine) {
        try {
            return new Leftovers(
                    Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                            .filter(line -> line.contains(engine.home().toString()))
                            .count(),
                    countCgroups(cgroup(engine)),
                    entries(Path.of("/sys/class/net/" + bridge(engine) + "/brif")),
                    MappedPortCount.of(bridge(engine)),
                    NamespaceCount.of(engine.pid(), shim(engine), cgroup(engine)),
                    shims(engine),
                    entries(engine.root().resolve("snapshots"))
                            + entries(engine.root().resolve("snapshots/writable")),
                    entries(engine.root().resolve("pods"))
                            + entries(engine.run().resolve("pods")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What there is once the engine has made ready what it makes ahead for the next container.
    static Leftovers settled(EngineProcess engine) {
        Leftovers[] last = {count(engine)};
        engine.await("the engine to come to rest", () -> {
            LockSupport.parkNanos(REST.toNanos());
            Leftovers before = last[0];
            last[0] = count(engine);
            return last[0].equals(before);
        });
        return last[0];
    }

    boolean isAtMost(Leftovers other) {
        return mounts <= other.mounts
                && cgroups <= other.cgroups
                && interfaces <= other.interfaces
                && ports <= other.ports
                && namespaces <= other.namespaces
                && shims <= other.shims
                && layers <= other.layers
                && podDirectories <= other.podDirectories;
    }

    /// Also the name of its table of packet rules.
    static String bridge(EngineProcess engine) {
        return "slw" + suffix(engine);
    }

    /// Of its containers, in each hierarchy.
    static String cgroup(EngineProcess engine) {
        return "slipway" + suffix(engine);
    }

    /// The hierarchy of version 2, alone or beside the others.
    static Path unifiedCgroups() {
        Path cgroups = Path.of("/sys/fs/cgroup");
        return Files.isDirectory(cgroups.resolve("unified")) ? cgroups.resolve("unified") : cgroups;
    }

    private static String suffix(EngineProcess engine) {
        return Integer.toHexString(engine.run().toString().hashCode());
    }

    /// In all hierarchies, or in the only one, which has no directory of its own.
    private static long countCgroups(String parent) throws IOException {
        Path cgroups = Path.of("/sys/fs/cgroup");
        long count = directories(cgroups.resolve(parent));
        try (DirectoryStream<Path> hierarchies = Files.newDirectoryStream(cgroups)) {
            for (Path hierarchy : hierarchies) {
                count += directories(hierarchy.resolve(parent));
            }
        }
        return count;
    }

    private static long directories(Path top) throws IOException {
        if (!Files.isDirectory(top)) {
            return 0;
        }
        try (Stream<Path> all = Files.walk(top)) {
            return all.filter(Files::isDirectory).count();
        } catch (UncheckedIOException | NoSuchFileException e) {
            // A cgroup vanished while we walked: count again.
            return directories(top);
        }
    }

    /// By their first argument: what they are executed through has no path.
    static long shims(EngineProcess engine) {
        return shimsOf(engine).count();
    }

    static Stream<ProcessHandle> shimsOf(EngineProcess engine) {
        String shim = shim(engine);
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process.pid()).startsWith(shim));
    }

    private static String shim(EngineProcess engine) {
        return engine.run().resolve("bin/shim-").toString();
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
