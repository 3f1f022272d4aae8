package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.RecoveryTimes;
import dev.slipway.engine.cgroup.CgroupName;
import dev.slipway.engine.cgroup.Limits;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.snapshot.SnapshotKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The engine is killed at any moment, another one is started with the same directories, and nothing is lost or left.
class RecoveryKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final int TERM = 15;
    private static final RecoveryTimes TIMES = new RecoveryTimes();

    private final Set<PodUid> told = ConcurrentHashMap.newKeySet();

    private RuntimeLab lab;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        lab = RuntimeLab.open();
        lab.sandbox(Requests.sandbox(POD));
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @AfterAll
    static void print() {
        TIMES.print();
    }

    @Test
    void a_container_goes_on_and_is_stopped_by_the_next_engine() throws Exception {
        Attempt before = lab.started(RuntimeLab.idle(WEB, 0));
        lab.awaitLog(WEB, 0, "idle");

        List<PodState> found = lab.restart();

        assertEquals(List.of(before), found.getFirst().attempts());
        lab.runtime().listen(told::add);
        lab.runtime().stop(WEB, TERM, Duration.ofSeconds(60));
        assertEquals(0, exited(lab.awaitEnd(WEB, 0)).exitCode());
        RuntimeLab.await(() -> told.contains(POD));
    }

    @Test
    void an_end_that_nobody_saw_is_found_with_its_code() throws Exception {
        lab.started(RuntimeLab.shell(WEB, 0, "until test -e /tmp/go; do sleep 0.02; done; exit 42"));
        int pid = ((ContainerState.Running) lab.attempt(WEB, 0).state()).pid();
        lab.whileDown(() -> {
            Files.createFile(Path.of("/proc/" + pid + "/root/tmp/go"));
            RuntimeLab.await(
                    () -> !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
        });

        assertEquals(42, exited(lab.awaitEnd(WEB, 0)).exitCode());
        // The end is noted first: an engine that is killed in between frees the rest.
        RuntimeLab.await(() -> !hasCgroup());
        List<PodState> again = lab.restart();
        assertEquals(42, exited(again.getFirst().latest("web").orElseThrow()).exitCode());
    }

    @Test
    void a_paused_container_is_found_paused() throws Exception {
        lab.started(RuntimeLab.idle(WEB, 0));
        lab.awaitLog(WEB, 0, "idle");
        lab.runtime().pause(WEB);

        List<PodState> found = lab.restart();

        assertInstanceOf(
                ContainerState.Paused.class,
                found.getFirst().latest("web").orElseThrow().state());
        lab.runtime().resume(WEB);
        lab.runtime().stop(WEB, TERM, Duration.ofSeconds(60));
        assertEquals(0, exited(lab.awaitEnd(WEB, 0)).exitCode());
    }

    @Test
    void a_container_whose_monitor_was_killed_is_lost() throws Exception {
        ContainerState.Running running =
                (ContainerState.Running) lab.started(RuntimeLab.idle(WEB, 0)).state();

        ProcessHandle.of(running.pid())
                .flatMap(ProcessHandle::parent)
                .orElseThrow()
                .destroyForcibly();
        long gone = System.nanoTime();

        assertInstanceOf(ContainerState.Lost.class, lab.awaitEnd(WEB, 0).state());
        TIMES.since(gone, "monitor killed", "known");
        RuntimeLab.await(() -> hasEnded(running.pid()));
        TIMES.since(gone, "monitor killed", "ended");
        assertInstanceOf(
                ContainerState.Lost.class,
                lab.restart().getFirst().latest("web").orElseThrow().state());
    }

    @Test
    void a_start_that_was_cut_short_is_undone() throws Exception {
        Run run =
                new Run(WEB, 0, new ContainerId("cut0short"), RuntimeLab.image().digest(), Map.of(), "fingerprint");
        Records.ofThisBoot(lab.files()).write(run, Optional.empty());
        lab.snapshots().writable(new SnapshotKey("pod.web.0"));
        lab.snapshots().writable(new SnapshotKey("pod.web.kept"));
        lab.cgroups().create(CgroupName.of(POD, "web.0"), Limits.NONE);

        List<PodState> found = lab.restart();

        assertEquals(List.of(), found.getFirst().attempts());
        assertFalse(Files.exists(lab.files().attempt(WEB, 0)));
        assertEquals(Optional.empty(), lab.cgroups().usage(CgroupName.of(POD, "web.0")));
        assertEquals(Set.of(new SnapshotKey("pod.web.kept")), lab.snapshots().writables());
        lab.started(RuntimeLab.idle(WEB, 0));
    }

    @Test
    void a_container_of_a_pod_without_a_record_is_ended() throws Exception {
        Attempt attempt = lab.started(RuntimeLab.idle(WEB, 0));
        int pid = ((ContainerState.Running) attempt.state()).pid();
        Files.delete(lab.files().sandbox(POD));

        assertEquals(List.of(), lab.restart());

        RuntimeLab.await(
                () -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
        RuntimeLab.await(() -> !Files.exists(lab.run().resolve("containers").resolve(attempt.id())));
        assertFalse(Files.exists(lab.files().pod(POD)));
    }

    @Test
    void a_broken_record_costs_one_attempt_and_nothing_else() throws Exception {
        ContainerName side = new ContainerName(POD, "side");
        lab.started(RuntimeLab.idle(side, 0));
        Attempt broken = lab.started(RuntimeLab.idle(WEB, 0));
        Files.writeString(lab.files().attempt(WEB, 0), "{");

        PodState found = lab.restart().getFirst();

        assertTrue(found.latest("side").orElseThrow().state().isAlive());
        assertEquals(Optional.empty(), found.latest("web"));
        RuntimeLab.await(() -> !Files.exists(lab.run().resolve("containers").resolve(broken.id())));
        lab.started(RuntimeLab.idle(WEB, 0));
    }

    @Test
    void nothing_runs_after_a_reboot() throws Exception {
        lab.started(RuntimeLab.idle(WEB, 0));

        assertEquals(List.of(), lab.reboot());

        assertEquals(Set.of(), lab.snapshots().writables());
        lab.sandbox(Requests.sandbox(POD));
        lab.started(RuntimeLab.idle(WEB, 0));
    }

    @Test
    void a_pod_that_lost_its_network_has_no_sandbox_until_it_is_made_again() throws Exception {
        lab.started(RuntimeLab.idle(WEB, 0));
        lab.networks().detach(POD);

        PodState found = lab.restart().getFirst();

        assertEquals(Optional.empty(), found.sandbox());
        assertTrue(found.latest("web").orElseThrow().state().isAlive());
        lab.sandbox(Requests.sandbox(POD));
        assertTrue(lab.runtime().find(POD).orElseThrow().sandbox().isPresent());
    }

    private boolean hasCgroup() {
        try {
            return lab.cgroups().usage(CgroupName.of(POD, "web.0")).isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ContainerState.Exited exited(Attempt attempt) {
        return assertInstanceOf(ContainerState.Exited.class, attempt.state());
    }

    /// The host's first process, whose child it has become, may take seconds to take note of that.
    private static boolean hasEnded(int pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
        } catch (IOException e) {
            return !Files.exists(Path.of("/proc/" + pid));
        }
    }
}
