package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Starts, and ends of all sorts.
class StartKernelTest {
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
    void a_program_runs_and_its_exit_code_is_recorded() throws Exception {
        ShimLab.Started started = lab.container("echo hello; exit 7").start();

        ExitRecord exit = started.awaitExit();

        assertEquals(7, exit.exitCode());
        assertEquals(0, exit.signal());
        assertEquals(started.pid(), exit.pid());
        assertTrue(exit.finishedAt().isAfter(exit.startedAt()));
        assertEquals("hello", ShimLab.text(lab.logOf(started.id())));
    }

    @Test
    void a_signal_that_ends_it_is_recorded() throws Exception {
        ShimLab.Started started = lab.container("trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done")
                .start();
        started.awaitLine("ready");

        lab.shims().signal(started.id(), 15);

        assertEquals(5, started.awaitExit().exitCode());

        ShimLab.Started killed = lab.command("sleep", "60").start();
        lab.shims().signal(killed.id(), 9);
        ExitRecord exit = killed.awaitExit();
        assertEquals(137, exit.exitCode());
        assertEquals(9, exit.signal());
        lab.shims().signal(killed.id(), 9);
    }

    /// One of variables, the others of the stack, whose beginning the kernel puts in a random place.
    @Test
    void a_shim_whose_container_is_silent_keeps_five_pages_at_most() throws Exception {
        lab.command("sleep", "60").start();

        long kib = ShimLab.memoryKib(lab.shimPids().getFirst(), "Anonymous");
        assertTrue(kib <= 20, kib + " KiB");
    }

    @Test
    void signals_are_neither_blocked_nor_ignored() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();

        var status = ShimLab.status(started.pid());
        for (String set : List.of("SigBlk", "SigIgn", "SigCgt")) {
            assertEquals("0000000000000000", status.get(set), set);
        }
    }

    @Test
    void a_missing_program_is_the_image_s_fault_and_leaves_nothing() throws Exception {
        ContainerDraft container = lab.command("/bin/nope");

        StartResult.Failed failed = container.failure();

        assertEquals("execute /bin/nope: no such file or directory (ENOENT)", failed.words());
        assertEquals(StartResult.Reason.PROGRAM, failed.reason());
        assertEquals(Errno.ENOENT, failed.errno());
        assertFalse(Files.exists(
                lab.run().resolve("containers").resolve(container.id().value())));
        assertEquals(List.of(), lab.shimPids());
        assertTrue(lab.nothingEnded());
    }

    @Test
    void a_program_is_searched_and_what_is_wrong_with_it_is_told_apart() throws Exception {
        Files.writeString(lab.layer().resolve("bin/plain"), "no program");
        Files.writeString(lab.layer().resolve("bin/garbage"), "no program");
        executable(lab.layer().resolve("bin/garbage"));
        Files.writeString(lab.layer().resolve("bin/lost"), "#!/no/interpreter\n");
        executable(lab.layer().resolve("bin/lost"));

        assertEquals("found", lab.command("echo", "found").output());
        assertEquals(Errno.ENOENT, program(lab.command("nope")).errno());
        assertEquals(Errno.EACCES, program(lab.command("plain")).errno());
        assertEquals(Errno.EACCES, program(lab.command("/bin")).errno());
        assertEquals(Errno.ENOEXEC, program(lab.command("garbage")).errno());
        assertEquals(Errno.ENOENT, program(lab.command("lost")).errno());
    }

    @Test
    void a_refused_step_is_named() throws Exception {
        StartResult.Failed failed = lab.container("true")
                .mounts(new Mount.Bind(
                        Path.of("/no/such/volume"), "/data", Mount.Kind.DIRECTORY, Mount.Access.READ_WRITE))
                .failure();

        assertEquals("open /no/such/volume", failed.step());
        assertEquals(StartResult.Reason.ENVIRONMENT, failed.reason());
        assertEquals("open /no/such/volume: no such file or directory (ENOENT)", failed.words());
    }

    @Test
    void an_id_is_used_once() throws Exception {
        ContainerDraft container = lab.container("exit 0").kept();
        container.start().awaitExit();

        assertThrows(FileAlreadyExistsException.class, container::result);

        lab.shims().forget(container.id());
        container.start().awaitExit();
    }

    @Test
    void forgetting_removes_the_run_directory_but_not_of_what_runs() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();
        assertThrows(IllegalStateException.class, () -> lab.shims().forget(started.id()));

        lab.shims().signal(started.id(), 9);
        started.awaitExit();
        lab.shims().forget(started.id());

        assertInstanceOf(Found.NotStarted.class, lab.shims().find(started.id()));
        assertFalse(Files.exists(lab.run().resolve("containers/" + started.id())));
    }

    @Test
    void the_plan_with_its_secrets_is_gone_when_the_program_runs() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();

        Path directory = lab.run().resolve("containers/" + started.id());
        assertFalse(Files.exists(directory.resolve("plan")));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
    }

    @Test
    void the_process_is_born_in_its_cgroups() throws Exception {
        Path unified = Files.createDirectory(Path.of(
                "/sys/fs/cgroup/unified/shim-test-" + ProcessHandle.current().pid()));
        Path pids = Files.createDirectory(Path.of(
                "/sys/fs/cgroup/pids/shim-test-" + ProcessHandle.current().pid()));
        try {
            ShimLab.Started started = lab.container("cat /proc/self/cgroup; sleep 60")
                    .cgroup(new CgroupPlacement(Optional.of(unified), List.of(pids)))
                    .start();
            started.awaitLine("0::/");

            String pid = Integer.toString(started.pid());
            assertTrue(Files.readAllLines(unified.resolve("cgroup.procs")).contains(pid));
            assertTrue(Files.readAllLines(pids.resolve("cgroup.procs")).contains(pid));
            String inside = ShimLab.text(lab.logOf(started.id()));
            assertTrue(inside.lines().anyMatch("0::/"::equals), inside);
            lab.shims().signal(started.id(), 9);
            started.awaitExit();
        } finally {
            ShimLab.await(
                    "cgroups are empty",
                    () -> unified.toFile().delete() | pids.toFile().delete()
                            && !Files.exists(unified)
                            && !Files.exists(pids));
        }
    }

    @Test
    void a_start_that_takes_too_long_is_undone() throws Exception {
        // Opening a fifo for writing waits for a reader; the plan takes this one for what a cgroup is joined by.
        Path cgroup = Files.createDirectory(lab.home().resolve("cgroup"));
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", cgroup.resolve("tasks").toString())
                        .start()
                        .waitFor());
        ContainerDraft container = lab.container("true").cgroup(new CgroupPlacement(Optional.empty(), List.of(cgroup)));
        StartResult result = lab.shims().start(container.spec(), Duration.ofMillis(200));

        StartResult.Failed failed = assertInstanceOf(StartResult.Failed.class, result);
        assertEquals(Errno.ETIMEDOUT, failed.errno());
        assertFalse(Files.exists(lab.run().resolve("containers/" + container.id())));
        ShimLab.await("nothing is left", () -> lab.shimPids().isEmpty());
        assertTrue(lab.nothingEnded());
    }

    @Test
    void the_shim_has_nothing_of_the_engine() throws Exception {
        lab.command("sleep", "60").start();
        int shim = lab.shimPids().getFirst();

        try (var fds = Files.list(Path.of("/proc/" + shim + "/fd"))) {
            assertTrue(fds.count() < 16);
        }
        for (int fd = 0; fd < 3; fd++) {
            assertEquals(Path.of("/dev/null"), Files.readSymbolicLink(Path.of("/proc/" + shim + "/fd/" + fd)));
        }
        var status = ShimLab.status(shim);
        assertEquals("0000000000000000", status.get("SigBlk"));
        assertEquals("slipway-shim", status.get("Name"));
        String[] stat = Files.readString(Path.of("/proc/" + shim + "/stat")).split(" ");
        assertEquals(Integer.toString(shim), stat[5], "it leads a session");
    }

    @Test
    void a_container_cannot_change_the_shim_s_program() throws Exception {
        lab.command("sleep", "60").start();
        Path program = Path.of("/proc/" + lab.shimPids().getFirst() + "/exe");

        IOException e = assertThrows(
                IOException.class,
                () -> Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxrwxrwx")));

        assertTrue(e.getMessage().contains("Read-only file system"), e.getMessage());
    }

    @Test
    void a_program_that_names_the_shim_gets_nothing() throws Exception {
        Files.writeString(lab.layer().resolve("bin/self"), "#!/proc/self/exe\n");
        executable(lab.layer().resolve("bin/self"));

        StartResult result = lab.command("/bin/self").result();

        if (result instanceof StartResult.Started) {
            lab.awaitEnd(new ContainerId("c1"));
            assertEquals(
                    1,
                    assertInstanceOf(Found.Exited.class, lab.shims().find(new ContainerId("c1")))
                            .exit()
                            .exitCode());
        }
    }

    @Test
    void programs_are_executed_where_the_run_directory_forbids_it() throws Exception {
        Path run = Files.createDirectory(lab.home().resolve("noexec"));
        assertEquals(
                0,
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "noexec", "x", run.toString())
                        .start()
                        .waitFor());
        try (Shims shims = new Shims(run, id -> {})) {
            shims.open();
            ContainerDraft container = lab.container("true");

            assertInstanceOf(StartResult.Started.class, shims.start(container.spec(), ShimLab.LIMIT));

            ShimLab.await("end", () -> exited(shims, container));
        } finally {
            Mounts.detach(run);
        }
    }

    @Test
    void an_exit_is_recorded_even_when_the_run_directory_is_full() throws Exception {
        Path run = Files.createDirectory(lab.home().resolve("full"));
        Mounts.tmpfs(run, "size=256k");
        try (Shims shims = new Shims(run, id -> {})) {
            shims.open();
            ContainerDraft container = lab.container("sleep 60");
            shims.start(container.spec(), ShimLab.LIMIT);
            assertThrows(IOException.class, () -> Files.write(run.resolve("filler"), new byte[1 << 20]));

            shims.signal(container.id(), 9);

            ShimLab.await("end", () -> exited(shims, container));
        } finally {
            Mounts.detach(run);
        }
    }

    private static boolean exited(Shims shims, ContainerDraft container) {
        try {
            return shims.find(container.id()) instanceof Found.Exited;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static StartResult.Failed program(ContainerDraft container) throws IOException, InterruptedException {
        StartResult.Failed failed = container.failure();
        assertEquals(StartResult.Reason.PROGRAM, failed.reason(), failed.words());
        return failed;
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
