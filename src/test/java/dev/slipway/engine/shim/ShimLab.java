package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.fail;

import dev.slipway.ProcessCosts;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/// Real shims on a run directory of their own, with a root file system of busybox.
final class ShimLab implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final List<String> PROGRAMS = List.of(
            "sh",
            "cat",
            "ls",
            "echo",
            "true",
            "false",
            "id",
            "mount",
            "sleep",
            "kill",
            "stat",
            "touch",
            "grep",
            "head",
            "tr",
            "yes",
            "seq",
            "readlink",
            "hostname",
            "env",
            "pwd",
            "dd",
            "wc",
            "mknod",
            "chmod",
            "ulimit",
            "test",
            "tty",
            "stty",
            "mkdir",
            "ip",
            "umount",
            "chown",
            "rm",
            "nproc",
            "od",
            "printf",
            "cut",
            "sort",
            "ps");

    private final Path home;
    private final BlockingQueue<ContainerId> ends = new LinkedBlockingQueue<>();
    private final AtomicReference<Error> refusal = new AtomicReference<>();
    private final List<ContainerId> started = new ArrayList<>();
    private int count;
    private Shims shims;

    ShimLab() throws IOException {
        // Not on the disk: run directories belong on a tmpfs, and what a test leaves there vanishes.
        home = Files.createTempDirectory(Path.of("/dev/shm"), "slipway-shim-");
        makeLayer(layer());
        shims = open();
    }

    private Shims open() throws IOException {
        Shims opened = new Shims(home.resolve("run"), this::heard);
        opened.open();
        return opened;
    }

    private void heard(ContainerId id) {
        Error lack = refusal.getAndSet(null);
        if (lack != null) {
            throw lack;
        }
        ends.add(id);
    }

    /// Whoever is told of the next end cannot take it in.
    void refuseNextEnd(Error why) {
        refusal.set(why);
    }

    Shims shims() {
        return shims;
    }

    Path home() {
        return home;
    }

    Path run() {
        return home.resolve("run");
    }

    /// The image.
    Path layer() {
        return home.resolve("layer");
    }

    Path logOf(ContainerId id) {
        return home.resolve("logs").resolve(id + ".log");
    }

    Path upper(ContainerId id) {
        return home.resolve("layers").resolve(id.value()).resolve("upper");
    }

    static void makeLayer(Path layer) throws IOException {
        Files.createDirectories(layer.resolve("bin"));
        Files.createDirectories(layer.resolve("etc"));
        Files.createDirectories(layer.resolve("tmp"));
        Files.copy(BUSYBOX, layer.resolve("bin/busybox"));
        for (String program : PROGRAMS) {
            Files.createSymbolicLink(layer.resolve("bin").resolve(program), Path.of("busybox"));
        }
    }

    Path work(ContainerId id) {
        return home.resolve("layers").resolve(id.value()).resolve("work");
    }

    /// Ends `id` when the lab closes.
    void note(ContainerId id) {
        started.add(id);
    }

    /// A container that runs `script`.
    ContainerDraft container(String script) throws IOException {
        return command("sh", "-c", script);
    }

    ContainerDraft command(String... argv) throws IOException {
        return new ContainerDraft(this, new ContainerId("c" + ++count), List.of(argv));
    }

    /// A container that was started.
    final class Started {
        private final ContainerId id;
        private final int pid;

        Started(ContainerId id, int pid) {
            this.id = id;
            this.pid = pid;
        }

        ContainerId id() {
            return id;
        }

        int pid() {
            return pid;
        }

        /// Waits for the end.
        ExitRecord awaitExit() throws IOException, InterruptedException {
            awaitEnd(id);
            return assertInstanceOf(Found.Exited.class, shims.find(id)).exit();
        }

        String awaitOutput() throws IOException, InterruptedException {
            awaitExit();
            return text(logOf(id));
        }

        /// Waits until the log has `line`.
        void awaitLine(String line) {
            await(
                    "line " + line,
                    () -> Files.exists(logOf(id)) && text(logOf(id)).contains(line));
        }
    }

    /// Waits until the listener has heard of the end of `id`.
    void awaitEnd(ContainerId id) throws InterruptedException {
        List<ContainerId> others = new ArrayList<>();
        for (ContainerId ended = null; !id.equals(ended); ) {
            ended = ends.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            if (ended == null) {
                fail("no end of " + id);
            } else if (!ended.equals(id)) {
                others.add(ended);
            }
        }
        ends.addAll(others);
    }

    boolean nothingEnded() {
        return ends.isEmpty();
    }

    /// The engine goes away and comes back, as after a crash.
    List<Found> restart() throws IOException {
        shims.close();
        shims = open();
        return shims.adopt();
    }

    /// The lines of a log without time, stream and tag.
    static String text(Path log) {
        try {
            return Files.readAllLines(log).stream()
                    .map(line -> line.split(" ", 4))
                    .map(parts -> parts.length < 4 ? "" : parts[3])
                    .collect(Collectors.joining("\n"));
        } catch (IOException e) {
            return fail(e);
        }
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail("not in time: " + what);
            }
            Thread.onSpinWait();
        }
    }

    static Map<String, String> status(int pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .map(line -> line.split(":\\s*", 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
    }

    @Override
    public void close() throws IOException {
        for (ContainerId id : started) {
            shims.signal(id, 9);
        }
        await("shims end", () -> shimPids().isEmpty());
        shims.close();
        TreeRemoval.remove(home);
    }

    /// The shims of this lab.
    List<Integer> shimPids() {
        String program = home.resolve("run/bin").toString();
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process.pid()).startsWith(program))
                .map(process -> (int) process.pid())
                .toList();
    }

    /// @param kind as in smaps_rollup
    static long memoryKib(int pid, String kind) throws IOException {
        return ProcessCosts.number(Path.of("/proc/" + pid + "/smaps_rollup"), kind);
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException e) {
            return "";
        }
    }
}
