package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The life of a `Container`, by its desired state.
@ExtendWith(SharedEngine.class)
class ContainerLifeIT {
    private static final String COUNT = "i=0; while true; do i=$((i+1)); echo tick $i; /bin/busybox usleep 50000; done";

    @Test
    @DisplayName("S29 a container whose desired state is Stopped is created and not started")
    void a_stopped_container_is_created_and_not_started(EngineProcess engine) {
        Sample sample =
                Sample.container("created", COUNT).with("desiredState: Stopped").in(engine);

        engine.awaitField(sample.object(), ".status.phase", "Stopped");

        assertEquals("", engine.field(sample.object(), ".status.pid"));
        assertEquals("", sample.logs(engine));
        sample.delete(engine);
    }

    @Test
    @DisplayName("S30 S31 S42 S43 stop and start keep the layer, and delete ends it")
    void stop_and_start_keep_the_layer(EngineProcess engine) {
        String script = "echo x >> /layer.txt; echo lines $(/bin/busybox wc -l < /layer.txt); trap 'exit 7' TERM; "
                + "while true; do /bin/busybox sleep 0.1; done";
        Sample sample = Sample.container("stopstart", script).in(engine).running(engine);
        sample.wrote(engine, "lines 1");
        long firstPid = sample.pid(engine);

        desired(engine, sample, "Stopped");
        engine.awaitField(sample.object(), ".status.phase", "Stopped");
        assertEquals("7", engine.field(sample.object(), ".status.exitCode"));
        assertFalse(Files.exists(Path.of("/proc/" + firstPid)));
        desired(engine, sample, "Running");
        sample.running(engine);

        sample.wrote(engine, "lines 2");
        sample.delete(engine);
        sample.in(engine).running(engine);
        sample.wrote(engine, "lines 1");
        sample.delete(engine);
    }

    @Test
    @DisplayName("S31 a container that ignores its stop signal is killed after the grace period")
    void a_container_that_ignores_its_stop_signal_is_killed(EngineProcess engine) {
        Sample sample = Sample.container("stubborn", "trap '' TERM; while true; do /bin/busybox sleep 0.1; done")
                .in(engine)
                .running(engine);

        desired(engine, sample, "Stopped");

        engine.awaitField(sample.object(), ".status.phase", "Stopped");
        assertEquals("137", engine.field(sample.object(), ".status.exitCode"));
        sample.delete(engine);
    }

    @Test
    @DisplayName("S33 a paused container is frozen, uses no cpu, and goes on where it was")
    void a_paused_container_is_frozen_and_goes_on(EngineProcess engine) throws IOException {
        Sample sample = Sample.container("paused", COUNT).in(engine).running(engine);
        sample.wrote(engine, "tick 3");
        long pid = sample.pid(engine);

        desired(engine, sample, "Paused");
        engine.awaitField(sample.object(), ".status.phase", "Paused");
        String logs = sample.logs(engine);
        long ticks = cpuTicks(pid);
        LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
        assertEquals(ticks, cpuTicks(pid));
        assertEquals(logs, sample.logs(engine));

        desired(engine, sample, "Running");
        sample.running(engine);
        assertEquals(pid, sample.pid(engine), "the same process goes on");
        engine.await("more ticks", () -> sample.logs(engine).length() > logs.length());
        sample.delete(engine);
    }

    @Test
    @DisplayName("S33 a paused container can be deleted")
    void a_paused_container_can_be_deleted(EngineProcess engine) {
        Sample sample = Sample.container("pausedel", COUNT).in(engine).running(engine);
        long pid = sample.pid(engine);
        desired(engine, sample, "Paused");
        engine.awaitField(sample.object(), ".status.phase", "Paused");

        sample.delete(engine);

        assertFalse(Files.exists(Path.of("/proc/" + pid)));
    }

    @Test
    @DisplayName("S32 delete leaves no process, mount, cgroup, network interface or directory behind")
    void delete_leaves_nothing_behind(EngineProcess engine) throws IOException {
        Leftovers before = Leftovers.settled(engine);
        for (int i = 0; i < 5; i++) {
            Sample sample = Sample.container("leak" + i, COUNT).in(engine);
            sample.running(engine);
            sample.delete(engine);
        }

        engine.await("nothing to be left but " + before, () -> Leftovers.count(engine)
                .equals(before));
    }

    @Test
    @DisplayName("S28 S38 S42 a container is committed while it writes, and when it is stopped, with its own user ids")
    void a_container_is_committed_while_it_writes_and_when_it_is_stopped(EngineProcess engine) {
        Sample writer = Sample.container(
                        "writer",
                        "echo hi > /mine; /bin/busybox chown ada /mine; echo x > /log; echo begun;"
                                + " while true; do echo x >> /log; done")
                .in(engine);
        writer.wrote(engine, "begun");

        commit(engine, "of-running");
        writer.running(engine);
        desired(engine, writer, "Stopped");
        engine.awaitField(writer.object(), ".status.phase", "Stopped");
        commit(engine, "of-stopped");

        for (String image : List.of("of-running", "of-stopped")) {
            String script = "/bin/busybox stat -c '%u %n' /mine /log; exec /bin/busybox sleep 600";
            Sample reader = Sample.container("reader", script, image).in(engine);
            reader.wrote(engine, "1000 /mine\n0 /log");
            reader.delete(engine);
        }
        writer.delete(engine);
        engine.kubectl("delete", "image/of-running", "image/of-stopped").orFail();
    }

    private static void commit(EngineProcess engine, String image) {
        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: %s}
                spec: {source: {commit: {containerRef: {name: writer}}}}
                """.formatted(image));
        engine.awaitField("image/" + image, ".status.conditions[?(@.type==\"Ready\")].status", "True");
    }

    @Test
    @DisplayName("S34 a process that dies is restarted at once, with the same layer")
    void a_process_that_dies_is_restarted(EngineProcess engine) {
        Sample sample = Sample.container(
                        "restart", "echo x >> /l; echo run $(/bin/busybox wc -l < /l); exec /bin/busybox sleep 60")
                .in(engine)
                .running(engine);
        sample.wrote(engine, "run 1");
        long pid = sample.pid(engine);

        EngineProcess.Ran.run(new ProcessBuilder("kill", "-9", Long.toString(pid)), "")
                .orFail();

        sample.wrote(engine, "run 2");
        // What a container writes is there before its status tells that it runs.
        engine.awaitField(sample.object(), ".status.restartCount", "1");
        sample.running(engine);
        assertNotEquals(pid, sample.pid(engine));
        sample.delete(engine);
    }

    @Test
    @DisplayName("S34 a pod that fails again and again backs off visibly")
    void a_pod_that_fails_again_and_again_backs_off(EngineProcess engine) {
        Sample sample = Sample.pod("crash", "echo boom; exit 3").in(engine);

        engine.awaitField(sample.object(), ".status.containerStatuses[0].state.waiting.reason", "CrashLoopBackOff");

        assertEquals("3", engine.field(sample.object(), ".status.containerStatuses[0].lastState.terminated.exitCode"));
        assertTrue(engine.kubectl("logs", "crash", "--previous").out().contains("boom"));
        sample.delete(engine);
    }

    @Test
    @DisplayName("S34 a pod that may end is Succeeded or Failed with its exit code")
    void a_pod_that_may_end_says_how(EngineProcess engine) {
        Sample good = Sample.pod("good", "exit 0").with("restartPolicy: Never").in(engine);
        Sample bad = Sample.pod("bad", "exit 9").with("restartPolicy: Never").in(engine);

        engine.awaitField(good.object(), ".status.phase", "Succeeded");
        engine.awaitField(bad.object(), ".status.phase", "Failed");

        assertEquals("9", engine.field(bad.object(), ".status.containerStatuses[0].state.terminated.exitCode"));
        good.delete(engine);
        bad.delete(engine);
    }

    private static void desired(EngineProcess engine, Sample sample, String state) {
        engine.kubectl(
                        "patch",
                        sample.object(),
                        "--type=merge",
                        "-p",
                        "{\"spec\":{\"desiredState\":\"%s\"}}".formatted(state))
                .orFail();
    }

    /// User and system time that the kernel has charged to a process.
    private static long cpuTicks(long pid) throws IOException {
        String[] fields = Files.readString(Path.of("/proc/" + pid + "/stat"))
                .replaceFirst(".*\\) ", "")
                .split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
