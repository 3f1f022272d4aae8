package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.RecoveryTimes;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.snapshot.SnapshotKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Somebody takes away what the engine has made. Whoever asks again gets what he asked for, containers can be ended,
/// and nothing stays.
class RemovedFromOutsideKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final ContainerName SIDE = new ContainerName(POD, "side");
    private static final SandboxRequest SANDBOX =
            Requests.sandbox(POD, Map.of("memory", new PodVolume.EmptyDir(true, Optional.of(1L << 20))));
    private static final String NAMESPACES = "readlink /proc/self/ns/net; readlink /proc/self/ns/ipc";
    private static final int TERM = 15;
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final RecoveryTimes TIMES = new RecoveryTimes();

    private RuntimeLab lab;
    private HostCount before;
    private long gone;

    @AfterAll
    static void print() {
        TIMES.print();
    }

    @BeforeEach
    void open() throws Exception {
        lab = RuntimeLab.open();
        before = HostCount.settled(lab);
        lab.sandbox(SANDBOX);
    }

    /// Whatever was done, the pod can be removed and leaves nothing.
    @AfterEach
    void close() throws Exception {
        try {
            long last = System.nanoTime();
            lab.runtime().removePod(POD);
            TIMES.since(last, "the pod is deleted after any of these", "as wanted");
            before.awaitAgain(lab);
            TIMES.since(last, "the pod is deleted after any of these", "nothing left");
        } finally {
            lab.close();
        }
    }

    @Test
    void a_container_without_its_cgroup_is_stopped() throws Exception {
        lab.started(RuntimeLab.shell(WEB, 0, "trap '' TERM; echo deaf; while true; do sleep 0.05; done"));
        lab.awaitLog(WEB, 0, "deaf");
        removeCgroup("unified");

        lab.runtime().stop(WEB, TERM, Duration.ofMillis(1));

        assertEquals(9, exited(WEB, 0).signal());
        recovered("cgroup removed, container stopped");
    }

    @Test
    void a_pod_without_its_cgroup_is_removed() throws Exception {
        int pid = pid(lab.started(RuntimeLab.idle(WEB, 0)));
        removeCgroup("*");

        lab.runtime().removePod(POD);

        assertTrue(ProcessHandle.of(pid).isEmpty());
        recovered("cgroup removed, pod deleted");
    }

    @Test
    void a_container_without_its_cgroup_is_found_again() throws Exception {
        Attempt attempt = lab.started(RuntimeLab.idle(WEB, 0));
        lab.awaitLog(WEB, 0, "idle");

        List<PodState> found = lab.whileDown(() -> removeCgroup("unified"));

        assertEquals(List.of(attempt), found.getFirst().attempts());
        recovered("cgroup removed, found by the next engine");
        lab.runtime().stop(WEB, TERM, Duration.ofSeconds(60));
        assertEquals(0, exited(WEB, 0).exitCode());
    }

    @Test
    void who_runs_keeps_the_namespaces_for_those_who_come() throws Exception {
        lab.started(RuntimeLab.shell(WEB, 0, NAMESPACES + "; echo all; exec sleep 1000"));
        lab.awaitLog(WEB, 0, "all");
        unpin(lab.run().resolve("network/pod/netns"));
        unpin(lab.files().ipc(POD));

        lab.sandbox(SANDBOX);

        recovered("netns and ipc pins taken away from who runs");
        assertEquals(lab.log(WEB, 0), lab.output(RuntimeLab.shell(SIDE, 0, NAMESPACES + "; echo all")));
        assertTrue(Mounts.isMountPoint(lab.run().resolve("network/pod/netns")));
    }

    @Test
    void a_network_that_nobody_is_in_is_made_anew() throws Exception {
        unpin(lab.run().resolve("network/pod/netns"));
        unpin(lab.files().ipc(POD));

        PodState.Sandbox again = lab.sandbox(SANDBOX);

        recovered("netns and ipc namespaces gone");
        assertEquals("1\n", lab.output(RuntimeLab.shell(WEB, 0, "ip addr | grep -c 'inet " + again.address() + "/'")));
    }

    @Test
    void who_runs_has_a_network_again_of_which_the_note_was_taken_away() throws Exception {
        lab.started(RuntimeLab.idle(WEB, 0));
        lab.awaitLog(WEB, 0, "idle");

        lab.whileDown(() -> delete(lab.run().resolve("network/pod/attachment")));
        PodState.Sandbox again = lab.sandbox(SANDBOX);
        recovered("note of the network deleted, next engine");

        assertEquals("1\n", lab.output(RuntimeLab.shell(SIDE, 0, "ip addr | grep -c 'inet " + again.address() + "/'")));
        assertTrue(lab.runtime()
                .find(POD)
                .orElseThrow()
                .attempts()
                .getFirst()
                .state()
                .isAlive());
    }

    @Test
    void what_is_shared_in_memory_is_mounted_again() throws Exception {
        for (Path mount : lab.mounts()) {
            if (mount.endsWith("memory") || mount.endsWith("shm")) {
                Mounts.detach(mount);
            }
        }
        gone = System.nanoTime();
        lab.sandbox(SANDBOX);
        recovered("memory volume and /dev/shm unmounted");

        assertEquals("x\n", lab.output(RuntimeLab.shell(WEB, 0, "echo x > /dev/shm/x; cat /dev/shm/x")));
        assertTrue(Mounts.isMountPoint(lab.run().toRealPath().resolve("volumes/pod/memory")));
    }

    @Test
    void a_container_goes_on_without_its_layer_and_its_log_and_its_next_attempt_has_both() throws Exception {
        lab.started(RuntimeLab.idle(WEB, 0));
        lab.awaitLog(WEB, 0, "idle");
        Path layer = lab.snapshots()
                .findWritable(new SnapshotKey("pod.web.0"))
                .orElseThrow()
                .upper();
        TreeRemoval.remove(layer.getParent());
        removeTree(lab.root().resolve("pods"));

        lab.runtime().stop(WEB, TERM, Duration.ofSeconds(60));

        assertEquals(0, exited(WEB, 0).exitCode());
        lab.runtime().remove(WEB, 0);
        assertEquals("again\n", lab.output(RuntimeLab.shell(WEB, 1, "echo again > /file; cat /file")));
        recovered("writable layer and log deleted, next attempt ended");
    }

    @Test
    void a_container_without_its_run_directory_ends_with_the_next_engine() throws Exception {
        Attempt attempt = lab.started(RuntimeLab.idle(WEB, 0));

        PodState found = lab.whileDown(() -> removeTree(runDirectory(attempt))).getFirst();

        assertEquals(List.of(), found.attempts());
        RuntimeLab.await(() -> ProcessHandle.of(pid(attempt)).isEmpty());
        lab.started(RuntimeLab.idle(WEB, 0));
        recovered("run directory deleted, started by the next engine");
    }

    @Test
    void the_end_of_a_container_without_its_run_directory_is_noticed() throws Exception {
        Attempt attempt = lab.started(RuntimeLab.idle(WEB, 0));
        lab.awaitLog(WEB, 0, "idle");
        removeTree(runDirectory(attempt));

        lab.runtime().stop(WEB, TERM, Duration.ofSeconds(60));

        ContainerState end = lab.awaitEnd(WEB, 0).state();
        recovered("run directory deleted, container stopped");
        assertEquals(end, lab.restart().getFirst().latest("web").orElseThrow().state());
    }

    @Test
    void a_container_that_cannot_be_reached_keeps_no_engine_from_starting() throws Exception {
        Attempt attempt = lab.started(RuntimeLab.idle(WEB, 0));
        lab.awaitLog(WEB, 0, "idle");

        PodState found = lab.whileDown(() -> delete(runDirectory(attempt).resolve("sock")))
                .getFirst();
        recovered("socket deleted, ended by the next engine");

        assertEquals(
                9,
                assertInstanceOf(
                                ContainerState.Exited.class,
                                found.latest("web").orElseThrow().state())
                        .signal());
    }

    private Path runDirectory(Attempt attempt) {
        return lab.run().resolve("containers").resolve(attempt.id());
    }

    private static int pid(Attempt attempt) {
        return assertInstanceOf(ContainerState.Running.class, attempt.state()).pid();
    }

    private ContainerState.Exited exited(ContainerName container, int attempt) {
        return assertInstanceOf(
                ContainerState.Exited.class, lab.awaitEnd(container, attempt).state());
    }

    private void recovered(String fault) {
        TIMES.since(gone, fault, "as wanted");
    }

    private void unpin(Path pin) throws IOException {
        assertTrue(Mounts.detach(pin), pin::toString);
        delete(pin);
        assertFalse(Files.exists(pin));
    }

    private void delete(Path file) throws IOException {
        Files.delete(file);
        gone = System.nanoTime();
    }

    private void removeTree(Path directory) throws IOException {
        TreeRemoval.remove(directory);
        gone = System.nanoTime();
    }

    /// Takes all processes out of the pod's cgroups and removes these.
    ///
    /// @param hierarchy `*` for all; `unified` is the only one where version 2 is alone
    private void removeCgroup(String hierarchy) throws IOException {
        List<Path> roots = new ArrayList<>();
        try (var named = Files.newDirectoryStream(CGROUPS, hierarchy)) {
            named.forEach(roots::add);
        }
        roots.add(CGROUPS);
        Path below = Path.of(lab.cgroupParent(), POD.value());
        roots.removeIf(root -> !Files.isDirectory(root.resolve(below)));

        assertFalse(roots.isEmpty(), "the pod has no cgroup");
        for (Path root : roots) {
            // Processes that are born meanwhile are taken out the next time.
            RuntimeLab.await(() -> removed(root.resolve(below), root.resolve("cgroup.procs")));
        }
        gone = System.nanoTime();
    }

    private static boolean removed(Path pod, Path elsewhere) {
        try (Stream<Path> below = Files.walk(pod)) {
            for (Path directory : below.filter(Files::isDirectory)
                    .sorted(Comparator.reverseOrder())
                    .toList()) {
                for (String pid : Files.readAllLines(directory.resolve("cgroup.procs"))) {
                    Files.writeString(elsewhere, pid, StandardOpenOption.WRITE);
                }
                Files.delete(directory);
            }
            return true;
        } catch (IOException e) {
            return rethrow(new UncheckedIOException(e));
        } catch (UncheckedIOException e) {
            return rethrow(e);
        }
    }

    /// A process may have ended, or begun, in the meantime.
    private static boolean rethrow(UncheckedIOException e) {
        String message = String.valueOf(e.getCause().getMessage());
        if (message.contains("No such process") || message.contains("Device or resource busy")) {
            return false;
        }
        throw e;
    }
}
