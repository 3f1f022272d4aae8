package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ExecSpec;
import dev.slipway.engine.launch.Identity;
import dev.slipway.engine.launch.Privileges;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.Stdio;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// More processes in a container, and clients of its streams.
class ExecKernelTest {
    private static final Stdio WITH_INPUT = new Stdio(true, false, false);
    private static final Stdio TERMINAL = new Stdio(true, false, true);
    private static final Streams ALL = new Streams(true, true, true);

    private ShimLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = new ShimLab();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void it_runs_in_the_container_s_namespaces() throws Exception {
        ShimLab.Started started =
                lab.container("echo here > /tmp/mark; echo ready; sleep 60").start();
        started.awaitLine("ready");

        try (Execution execution = exec(started, Stdio.OUTPUT_ONLY, "cat /tmp/mark; hostname; echo bad >&2; exit 3")) {
            for (String kind : List.of("mnt", "pid", "uts", "ipc", "net", "cgroup")) {
                // Only while it lives: it may have ended.
                assertTrue(sameNamespace(started.pid(), execution.pid(), kind));
            }
            assertEquals("here\nbox\n", text(execution.stdout()));
            assertEquals("bad\n", text(execution.stderr()));
            assertEquals(OptionalInt.of(3), execution.await(ShimLab.LIMIT));
        }
        assertEquals("ready", ShimLab.text(lab.logOf(started.id())));
        ShimLab.await("its shim is gone", () -> lab.shimPids().size() == 1);
        ShimLab.await("its run directory is gone", () -> entries(lab.run().resolve("execs")) == 0);
    }

    @Test
    void input_arrives_and_ends() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();
        byte[] sent = new byte[3_000_000];
        new Random(1).nextBytes(sent);

        try (Execution execution = exec(started, WITH_INPUT, "cat")) {
            Thread writer = Thread.startVirtualThread(() -> {
                try (var stdin = execution.stdin()) {
                    stdin.write(sent);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            byte[] received = execution.stdout().readAllBytes();
            writer.join();

            assertArrayEquals(sent, received);
            assertEquals(OptionalInt.of(0), execution.await(ShimLab.LIMIT));
        }
    }

    @Test
    void output_that_nobody_reads_stops_the_process_and_loses_nothing() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();

        try (Execution execution = exec(started, Stdio.OUTPUT_ONLY, "seq 1 300000; exit 5")) {
            assertEquals(OptionalInt.empty(), execution.await(Duration.ofMillis(300)));

            String output = text(execution.stdout());

            assertTrue(output.endsWith("\n300000\n"));
            assertEquals(300000, output.lines().count());
            assertEquals(OptionalInt.of(5), execution.await(ShimLab.LIMIT));
        }
    }

    /// Whether its shim has taken in all clients by then is a matter of chance.
    @Test
    void who_ends_at_once_is_heard_to_the_last_word() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();

        for (int i = 0; i < 200; i++) {
            try (Execution execution = exec(started, Stdio.OUTPUT_ONLY, "echo bad >&2; exit 3")) {
                assertEquals("bad\n", text(execution.stderr()), "in round " + i);
                assertEquals(OptionalInt.of(3), execution.await(ShimLab.LIMIT));
            }
        }
    }

    @Test
    void the_end_is_known_before_its_output_is_read() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();

        try (Execution execution = exec(started, Stdio.OUTPUT_ONLY, "seq 1 1000; exit 6")) {
            assertEquals(OptionalInt.of(6), execution.await(ShimLab.LIMIT));
            assertEquals(1000, text(execution.stdout()).lines().count());
        }
    }

    @Test
    void closing_ends_it_and_so_does_the_end_of_the_engine() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();
        Execution closed = exec(started, Stdio.OUTPUT_ONLY, "exec sleep 61");
        closed.close();
        ShimLab.await("closed one has ended", () -> lab.shimPids().size() == 1);

        Execution left = exec(started, Stdio.OUTPUT_ONLY, "exec sleep 61");
        lab.restart();

        ShimLab.await("left one has ended", () -> lab.shimPids().size() == 1);
        assertFalse(Files.exists(Path.of("/proc/" + left.pid() + "/exe")));
        assertTrue(Files.exists(Path.of("/proc/" + started.pid() + "/exe")));
    }

    @Test
    void it_ends_with_the_container() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();
        try (Execution execution = exec(started, Stdio.OUTPUT_ONLY, "exec sleep 61")) {
            lab.shims().signal(started.id(), 9);

            assertEquals(OptionalInt.of(137), execution.await(ShimLab.LIMIT));
        }
    }

    @Test
    void signals_reach_it() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();
        try (Execution execution = exec(started, Stdio.OUTPUT_ONLY, "exec sleep 61")) {
            execution.signal(15);

            assertEquals(OptionalInt.of(143), execution.await(ShimLab.LIMIT));
        }
    }

    @Test
    void it_has_the_user_and_the_rights_that_were_asked_for() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();
        ProcessSpec process = process(
                Stdio.OUTPUT_ONLY, new Identity(1000, 1000, List.of()), "id -u; grep CapPrm /proc/self/status; pwd");

        try (Execution execution = running(new ExecSpec(started.pid(), process, CgroupPlacement.INHERITED))) {
            assertEquals("1000\nCapPrm:\t0000000000000000\n/tmp\n", text(execution.stdout()));
        }
    }

    @Test
    void a_missing_program_is_told() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();
        ProcessSpec process = new ProcessSpec(
                List.of("nope"),
                List.of("PATH=/bin"),
                "/",
                Identity.ROOT,
                Privileges.standard(),
                List.of(),
                022,
                0,
                Stdio.OUTPUT_ONLY);

        ExecResult result =
                lab.shims().exec(new ExecSpec(started.pid(), process, CgroupPlacement.INHERITED), ShimLab.LIMIT);

        StartResult.Failed failed =
                assertInstanceOf(ExecResult.Refused.class, result).failure();
        assertEquals("execute nope: no such file or directory (ENOENT)", failed.words());
        assertEquals(StartResult.Reason.PROGRAM, failed.reason());
        ShimLab.await("its shim is gone", () -> lab.shimPids().size() == 1);
        ShimLab.await("its run directory is gone", () -> entries(lab.run().resolve("execs")) == 0);
    }

    @Test
    void only_processes_of_running_containers_are_entered() {
        ProcessSpec process = process(Stdio.OUTPUT_ONLY, Identity.ROOT, "true");

        assertThrows(IOException.class, () -> lab.shims()
                .exec(new ExecSpec(1, process, CgroupPlacement.INHERITED), ShimLab.LIMIT));
    }

    @Test
    void a_terminal_has_a_size_and_a_name() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();
        try (Execution execution = exec(started, TERMINAL, "tty; read line; stty size; echo got $line; exit 2")) {
            execution.resize(33, 77);
            execution.stdin().write("hello\n".getBytes(StandardCharsets.UTF_8));

            String output = text(execution.stdout());

            assertTrue(output.contains("/dev/pts/"), output);
            assertTrue(output.contains("33 77\r\ngot hello\r\n"), output);
            assertEquals("", text(execution.stderr()));
            assertEquals(OptionalInt.of(2), execution.await(ShimLab.LIMIT));
        }
    }

    @Test
    void closing_the_input_of_a_terminal_is_end_of_file() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();
        try (Execution execution = exec(started, TERMINAL, "cat; echo done")) {
            execution.stdin().close();

            assertTrue(text(execution.stdout()).contains("done"));
        }
    }

    @Test
    void a_container_with_a_terminal_is_attached_to_and_logged() throws Exception {
        ShimLab.Started started = lab.container(
                        "tty; test -c /dev/console && echo console; read line; echo got $line; stty size; read end")
                .stdio(true, false, true)
                .start();
        started.awaitLine("console");

        try (Execution attached = lab.shims().attach(started.id(), ALL)) {
            attached.resize(40, 120);
            attached.stdin().write("hello\n".getBytes(StandardCharsets.UTF_8));
            readUntil(attached.stdout(), "40 120");
        }
        assertInstanceOf(Found.Running.class, lab.shims().find(started.id()));
        assertTrue(ShimLab.text(lab.logOf(started.id())).startsWith("/dev/pts/0"));
        assertTrue(ShimLab.text(lab.logOf(started.id())).contains("got hello"));

        try (Execution again = lab.shims().attach(started.id(), ALL)) {
            again.stdin().write("\n".getBytes(StandardCharsets.UTF_8));
            assertEquals(OptionalInt.of(0), again.await(ShimLab.LIMIT));
        }
    }

    @Test
    void clients_come_and_go_and_input_stays_open() throws Exception {
        ShimLab.Started started = lab.container("cat").stdio(true, false, false).start();
        for (String word : List.of("one", "two")) {
            try (Execution attached = lab.shims().attach(started.id(), ALL)) {
                attached.stdin().write((word + "\n").getBytes(StandardCharsets.UTF_8));
                readUntil(attached.stdout(), word);
            }
        }

        assertInstanceOf(Found.Running.class, lab.shims().find(started.id()));
        assertEquals("one\ntwo", ShimLab.text(lab.logOf(started.id())));
    }

    @Test
    void input_that_is_wanted_once_ends_with_its_first_client() throws Exception {
        ShimLab.Started started =
                lab.container("cat; exit 8").stdio(true, true, false).start();
        try (Execution attached = lab.shims().attach(started.id(), ALL)) {
            attached.stdin().write("only\n".getBytes(StandardCharsets.UTF_8));
            attached.stdin().close();

            assertEquals("only\n", text(attached.stdout()));
            assertEquals(OptionalInt.of(8), attached.await(ShimLab.LIMIT));
        }
        assertEquals(8, started.awaitExit().exitCode());
    }

    @Test
    void many_clients_see_the_same_and_none_keeps_the_shim_busy() throws Exception {
        ShimLab.Started started = lab.container("cat").stdio(true, false, false).start();
        List<Execution> clients = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            clients.add(lab.shims().attach(started.id(), ALL));
        }

        clients.getFirst().stdin().write("for all\n".getBytes(StandardCharsets.UTF_8));
        for (Execution client : clients) {
            readUntil(client.stdout(), "for all");
        }
        for (Execution client : clients) {
            client.close();
        }

        assertEquals(OptionalInt.empty(), lab.shims().attach(started.id(), ALL).await(Duration.ofMillis(500)));
        String[] stat = Files.readString(Path.of("/proc/" + lab.shimPids().getFirst() + "/stat"))
                .split(" ");
        assertTrue(Integer.parseInt(stat[13]) + Integer.parseInt(stat[14]) < 10, "ticks of its cpu time");
    }

    @Test
    void a_client_that_does_not_read_does_not_keep_the_end_from_being_recorded() throws Exception {
        ShimLab.Started started = lab.container("read go; seq 1 40000; exit 4")
                .stdio(true, false, false)
                .start();
        try (Execution idle = lab.shims().attach(started.id(), ALL)) {
            idle.stdin().write("\n".getBytes(StandardCharsets.UTF_8));
            assertEquals(4, started.awaitExit().exitCode());
        }
        assertTrue(ShimLab.text(lab.logOf(started.id())).endsWith("\n40000"));
    }

    @Test
    void an_ended_container_cannot_be_attached_to() throws Exception {
        ShimLab.Started started = lab.container("exit 0").start();
        started.awaitExit();

        assertThrows(IOException.class, () -> lab.shims().attach(started.id(), ALL));
    }

    private Execution exec(ShimLab.Started container, Stdio stdio, String script)
            throws IOException, InterruptedException {
        return running(new ExecSpec(container.pid(), process(stdio, Identity.ROOT, script), CgroupPlacement.INHERITED));
    }

    private Execution running(ExecSpec spec) throws IOException, InterruptedException {
        ExecResult result = lab.shims().exec(spec, ShimLab.LIMIT);
        return assertInstanceOf(ExecResult.Running.class, result, result.toString())
                .execution();
    }

    private static ProcessSpec process(Stdio stdio, Identity identity, String script) {
        return new ProcessSpec(
                List.of("sh", "-c", script),
                List.of("PATH=/bin"),
                "/tmp",
                identity,
                Privileges.standard(),
                List.of(),
                022,
                0,
                stdio);
    }

    private static boolean sameNamespace(int one, int other, String kind) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + one + "/ns/" + kind))
                    .equals(Files.readSymbolicLink(Path.of("/proc/" + other + "/ns/" + kind)));
        } catch (IOException e) {
            return !Files.exists(Path.of("/proc/" + other + "/exe"));
        }
    }

    private static String text(InputStream stream) throws IOException {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void readUntil(InputStream stream, String wanted) throws InterruptedException {
        AtomicReference<String> seen = new AtomicReference<>("");
        Thread reader = Thread.startVirtualThread(() -> {
            byte[] buffer = new byte[4096];
            try {
                for (int count = 0; count >= 0; count = seen.get().contains(wanted) ? -1 : stream.read(buffer)) {
                    seen.set(seen.get() + new String(buffer, 0, count, StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                seen.set(seen.get() + e);
            }
        });
        assertTrue(reader.join(ShimLab.LIMIT), "only: " + seen.get());
        assertTrue(seen.get().contains(wanted), seen.get());
    }

    private static long entries(Path directory) {
        try (var entries = Files.list(directory)) {
            return entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
