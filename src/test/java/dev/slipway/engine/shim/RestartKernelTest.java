package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.launch.Namespaces;
import dev.slipway.engine.linux.ProcessSignals;
import dev.slipway.engine.plan.Architecture;
import dev.slipway.engine.plan.LaunchPlanner;
import dev.slipway.engine.plan.PlanWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The crash table: each side ends between any two stages, and the next engine finds the truth.
class RestartKernelTest {
    private ShimLab lab;
    private Path door;

    @BeforeEach
    void open() throws IOException {
        lab = new ShimLab();
        door = Files.createDirectory(lab.home().resolve("door"));
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void what_runs_is_adopted_and_its_end_is_heard() throws Exception {
        ShimLab.Started started = lab.container(
                        "echo first; until [ -e /door/go ]; do sleep 0.01; done; echo second; exit 9")
                .mounts(door())
                .start();
        started.awaitLine("first");

        List<Found> found = lab.restart();

        Found.Running running = assertInstanceOf(Found.Running.class, found.getFirst());
        assertEquals(started.pid(), running.pid());
        Files.createFile(door.resolve("go"));
        assertEquals(9, started.awaitExit().exitCode());
        assertEquals("first\nsecond", ShimLab.text(lab.logOf(started.id())));
    }

    @Test
    void an_engine_that_leaves_takes_no_container_for_ended() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").start();

        for (int i = 0; i < 20; i++) {
            assertInstanceOf(Found.Running.class, lab.restart().getFirst());
        }

        assertTrue(lab.nothingEnded());
        assertInstanceOf(Found.Running.class, lab.shims().find(started.id()));
    }

    @Test
    void an_end_that_there_was_no_memory_for_is_heard_and_so_is_the_next() throws Exception {
        lab.refuseNextEnd(new OutOfMemoryError("thrown by this test"));

        assertEquals(3, lab.container("exit 3").start().awaitExit().exitCode());
        assertEquals(4, lab.container("exit 4").start().awaitExit().exitCode());
    }

    @Test
    void an_end_that_met_a_bug_keeps_no_other_from_being_heard() throws Exception {
        lab.refuseNextEnd(new AssertionError("thrown by this test"));
        ShimLab.Started unheard = lab.container("exit 3").start();
        ShimLab.await("its shim is gone", () -> lab.shimPids().isEmpty());

        assertEquals(4, lab.container("exit 4").start().awaitExit().exitCode());
        assertInstanceOf(Found.Exited.class, lab.shims().find(unheard.id()));
    }

    @Test
    void an_exit_while_the_engine_is_away_is_found() throws Exception {
        ShimLab.Started started = lab.container("until [ -e /door/go ]; do sleep 0.01; done; echo alone; exit 4")
                .mounts(door())
                .start();
        lab.shims().close();
        Files.createFile(door.resolve("go"));
        ShimLab.await("shim is gone", () -> lab.shimPids().isEmpty());

        Found found = lab.restart().getFirst();

        assertEquals(4, assertInstanceOf(Found.Exited.class, found).exit().exitCode());
        assertEquals("alone", ShimLab.text(lab.logOf(started.id())));
        assertTrue(lab.nothingEnded());
    }

    @Test
    void an_engine_that_died_before_the_shim_read_its_plan_has_started_nothing() throws Exception {
        ContainerDraft container = lab.container("true");
        byte[] plan = PlanWriter.write(LaunchPlanner.container(container.spec()), Architecture.ofHost());
        new RunDirectory(lab.run().resolve("containers").resolve(container.id().value()))
                .create(CgroupPlacement.INHERITED, plan);

        assertInstanceOf(Found.NotStarted.class, lab.restart().getFirst());
    }

    @Test
    void a_run_directory_that_was_being_made_or_removed_is_none() throws Exception {
        Path half = Files.createDirectory(lab.run().resolve("containers/.half-web"));
        Files.writeString(half.resolve("cgroup"), "");

        assertEquals(List.of(), lab.restart());

        assertFalse(Files.exists(half));
    }

    @Test
    void a_failed_start_that_nobody_heard_is_found() throws Exception {
        ContainerDraft container = lab.command("/bin/nope");
        byte[] plan = PlanWriter.write(LaunchPlanner.container(container.spec()), Architecture.ofHost());
        RunDirectory directory = new RunDirectory(
                lab.run().resolve("containers").resolve(container.id().value()));
        directory.create(CgroupPlacement.INHERITED, plan);
        launchUnheard(directory);

        Found found = lab.restart().getFirst();

        Found.NotStarted failed = assertInstanceOf(Found.NotStarted.class, found);
        assertTrue(failed.why().endsWith("no such file or directory (ENOENT)"), failed.why());
    }

    @Test
    void a_start_that_nobody_heard_is_adopted() throws Exception {
        ContainerDraft container = lab.command("sleep", "60");
        byte[] plan = PlanWriter.write(LaunchPlanner.container(container.spec()), Architecture.ofHost());
        RunDirectory directory = new RunDirectory(
                lab.run().resolve("containers").resolve(container.id().value()));
        directory.create(CgroupPlacement.INHERITED, plan);
        Launcher.Launched launched = launch(directory);
        launched.control().close();
        lab.note(container.id());

        Found found = lab.restart().getFirst();

        assertInstanceOf(Found.Running.class, found);
        lab.shims().signal(container.id(), 9);
        lab.awaitEnd(container.id());
        ShimLab.await("reaped", () -> reaped(launched));
    }

    @Test
    void a_killed_shim_takes_its_container_along_and_is_noticed() throws Exception {
        ShimLab.Started started = lab.container("sleep 60 & sleep 60").start();

        ProcessSignals.send(lab.shimPids().getFirst(), 9);
        lab.awaitEnd(started.id());

        assertInstanceOf(Found.Lost.class, lab.shims().find(started.id()));
        ShimLab.await("container is gone", () -> !Files.exists(Path.of("/proc/" + started.pid())));
    }

    @Test
    void a_shim_killed_while_the_engine_is_away_is_lost() throws Exception {
        ShimLab.Started started = lab.command("sleep", "60").user(1000, 1000).start();
        lab.shims().close();
        ProcessSignals.send(lab.shimPids().getFirst(), 9);
        ShimLab.await("container is gone", () -> !isAlive(started.pid()));

        assertEquals(List.of(new Found.Lost(started.id())), lab.restart());
    }

    @Test
    void what_a_killed_shim_leaves_in_a_shared_pid_namespace_is_killed_through_the_cgroup() throws Exception {
        Path cgroup = Files.createDirectory(Path.of(
                "/sys/fs/cgroup/unified/shim-rest-" + ProcessHandle.current().pid()));
        Namespace own = new Namespace.New();
        try {
            ShimLab.Started started = lab.container("sleep 60 & echo $!; wait")
                    .namespaces(new Namespaces(new Namespace.Host(), own, own, own, own))
                    .cgroup(new CgroupPlacement(Optional.of(cgroup), List.of()))
                    .start();
            ShimLab.await("child", () -> !ShimLab.text(lab.logOf(started.id())).isEmpty());
            int child = Integer.parseInt(ShimLab.text(lab.logOf(started.id())));

            ProcessSignals.send(lab.shimPids().getFirst(), 9);
            lab.awaitEnd(started.id());

            ShimLab.await("its child is gone", () -> !isAlive(child));
            assertInstanceOf(Found.Lost.class, lab.shims().find(started.id()));
        } finally {
            ShimLab.await("cgroup is empty", () -> cgroup.toFile().delete() || !Files.exists(cgroup));
        }
    }

    @Test
    void a_shim_killed_at_any_moment_of_a_start_leaves_no_process() throws Exception {
        for (int micros = 0; micros < 6000; micros += 200) {
            ContainerDraft container = lab.container("sleep 60; : " + lab.home());
            byte[] plan = PlanWriter.write(LaunchPlanner.container(container.spec()), Architecture.ofHost());
            RunDirectory directory = new RunDirectory(
                    lab.run().resolve("containers").resolve(container.id().value()));
            directory.create(CgroupPlacement.INHERITED, plan);
            Launcher.Launched launched = launch(directory);
            spin(micros);

            launched.shim().kill();

            ShimLab.await("reaped", () -> reaped(launched));
            launched.control().close();
        }
        ShimLab.await(
                "no process is left", () -> ProcessHandle.allProcesses().noneMatch(process -> inLab(process.pid())));

        for (Found found : lab.restart()) {
            assertTrue(found instanceof Found.Lost || found instanceof Found.NotStarted, found.toString());
        }
    }

    /// A shim of this lab, or the first process of a container, which takes the others along; both name it.
    private boolean inLab(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"))
                    .contains(lab.home().toString());
        } catch (IOException e) {
            return false;
        }
    }

    private Mount door() {
        return new Mount.Bind(door, "/door", Mount.Kind.DIRECTORY, Mount.Access.READ_ONLY);
    }

    private Launcher.Launched launch(RunDirectory directory) throws IOException {
        try (ShimBinary program = ShimBinary.open(lab.run().resolve("bin"))) {
            return new Launcher(program).launch(directory, "test", EnumSet.of(Launcher.Role.CONTROL), Optional.empty());
        }
    }

    private void launchUnheard(RunDirectory directory) throws IOException {
        Launcher.Launched launched = launch(directory);
        launched.control().close();
        ShimLab.await("reaped", () -> reaped(launched));
    }

    private static boolean reaped(Launcher.Launched launched) {
        try {
            return launched.shim().reap().isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isAlive(int pid) {
        try {
            return !ShimLab.status(pid).getOrDefault("State", "Z").startsWith("Z");
        } catch (IOException e) {
            return false;
        }
    }

    private static void spin(int micros) {
        long end = System.nanoTime() + micros * 1000L;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
