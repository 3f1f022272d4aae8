package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.NamespaceCount;
import dev.slipway.engine.network.InterfaceCount;
import dev.slipway.engine.network.MappedPortCount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// What an engine has on its host, to be compared with what it had before: nothing of a container that is gone stays.
///
/// @param mounts below the lab's directories
/// @param cgroups below the lab's parent, in all hierarchies
/// @param interfaces on the lab's host
/// @param ports of the lab's host that lead to pods
/// @param namespaces that processes or descriptors of the lab keep
/// @param shims processes that were started from the lab's shim
/// @param claims of user ids that the lab's engine has
/// @param files below the lab's directories, but for what comes and goes with ready networks
record HostCount(
        List<Path> mounts,
        long cgroups,
        int interfaces,
        int ports,
        int namespaces,
        long shims,
        long claims,
        TreeSet<Path> files) {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int MOST_TRIES = 100;
    private static final long PAUSE_NANOS = 20_000_000;
    private static final Path CLAIMS = Path.of("/run/slipway-ids");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    static HostCount of(RuntimeLab lab) {
        for (int tries = 0; true; tries++) {
            try {
                return count(lab);
            } catch (IOException e) {
                rethrow(new UncheckedIOException(e), tries);
            } catch (UncheckedIOException e) {
                rethrow(e, tries);
            }
        }
    }

    /// Something that goes while it is counted is counted again.
    private static void rethrow(UncheckedIOException e, int tries) {
        if (tries == MOST_TRIES || !(e.getCause() instanceof NoSuchFileException)) {
            throw e;
        }
    }

    private static HostCount count(RuntimeLab lab) throws IOException {
        return new HostCount(
                lab.mounts().stream().sorted().toList(),
                cgroups(lab.cgroupParent()),
                lab.onHost(InterfaceCount::of),
                lab.onHost(() -> MappedPortCount.of(RuntimeLab.BRIDGE)),
                NamespaceCount.of(ProcessHandle.current().pid(), program(lab.run()), lab.cgroupParent()),
                shims(lab.run()),
                claims(lab.run()),
                files(lab));
    }

    /// Waits until as many networks are ready as there shall be.
    static HostCount settled(RuntimeLab lab) {
        return settled(lab, 0);
    }

    /// Waits until as many user namespaces are ready, too; there are no pods.
    static HostCount settled(RuntimeLab lab, int users) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        HostCount now = of(lab);
        while (!now.isReady(users)) {
            assertTrue(System.nanoTime() < deadline, "what shall be ready is not within " + LIMIT);
            LockSupport.parkNanos(PAUSE_NANOS);
            now = of(lab);
        }
        return now;
    }

    /// Waits until a lab's host has this again: some of it goes off the callers' way.
    void awaitAgain(RuntimeLab lab) throws IOException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        HostCount now = of(lab);
        while (!now.equals(this) && System.nanoTime() < deadline) {
            lab.verifyNetworks();
            LockSupport.parkNanos(PAUSE_NANOS);
            now = of(lab);
        }
        HostCount last = now;
        assertEquals(this, now, () -> "more %s, fewer %s".formatted(last.without(this), without(last)));
    }

    private TreeSet<Path> without(HostCount other) {
        TreeSet<Path> rest = new TreeSet<>(files);
        rest.removeAll(other.files);
        return rest;
    }

    /// The loopback interface, the bridge, and what leads to two networks that are ready, and to those of users;
    /// what makes these has ended. Namespaces: the lab's host, the two networks, which are held when all of them
    /// is made, and two for ipc.
    private boolean isReady(int users) {
        return interfaces == 4 + users
                && namespaces >= 5
                && claims == users
                && files.stream()
                        .noneMatch(file -> file.getFileName().toString().contains("user-"));
    }

    private static long cgroups(String parent) throws IOException {
        // Where version 2 is alone, it has no directory of its own.
        long count = directories(CGROUPS.resolve(parent));
        try (DirectoryStream<Path> hierarchies = Files.newDirectoryStream(CGROUPS)) {
            for (Path hierarchy : hierarchies) {
                count += directories(hierarchy.resolve(parent));
            }
        }
        return count;
    }

    private static long directories(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        try (Stream<Path> all = Files.find(directory, 9, (path, attributes) -> attributes.isDirectory())) {
            return all.count();
        }
    }

    /// What the first argument of shims begins with.
    private static String program(Path run) {
        return run.resolve("bin/shim-").toString();
    }

    static boolean hasShims(Path run) {
        try {
            return shims(run) > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long shims(Path run) throws IOException {
        String program = program(run);
        long count = 0;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                count += commandLine(process).startsWith(program) ? 1 : 0;
            }
        }
        return count;
    }

    private static long claims(Path run) throws IOException {
        try (DirectoryStream<Path> claims = Files.newDirectoryStream(CLAIMS, Files::isSymbolicLink)) {
            long count = 0;
            for (Path claim : claims) {
                count += Files.readSymbolicLink(claim).equals(run) ? 1 : 0;
            }
            return count;
        }
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"));
        } catch (IOException e) {
            // It ended a moment ago.
            return "";
        }
    }

    /// Layers of the image are left out: they are many, and no container's.
    private static TreeSet<Path> files(RuntimeLab lab) throws IOException {
        Path layers = lab.root().resolve("snapshots/layers");
        TreeSet<Path> files = new TreeSet<>();
        for (Path directory : List.of(lab.root(), lab.run())) {
            try (Stream<Path> all = Files.walk(directory)) {
                all.filter(path -> !path.startsWith(layers)).forEach(files::add);
            }
        }
        return files;
    }
}
