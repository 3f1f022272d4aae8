package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The engine may die at any moment: containers go on, and a start with the same data converges. An engine of its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecoveryIT {
    private EngineProcess engine;

    @BeforeAll
    void start() throws IOException {
        engine = SharedEngine.fresh();
    }

    @AfterAll
    void stop() throws IOException {
        engine.close();
    }

    @Test
    void containers_outlive_a_killed_engine_and_are_found_again() throws Exception {
        Sample steady = Sample.container(
                        "steady", "i=0; while true; do i=$((i+1)); echo tick $i; /bin/busybox usleep 100000; done")
                .in(engine)
                .running(engine);
        Sample ending = Sample.pod("ending", "/bin/busybox sleep 1.5; exit 5")
                .with("restartPolicy: Never")
                .in(engine)
                .running(engine);
        long pid = steady.pid(engine);

        engine.kill();
        assertTrue(Files.exists(Path.of("/proc/" + pid)), "the container went with the engine");
        waitForEndOf(ending);
        engine.restart();

        steady.running(engine);
        assertEquals(pid, steady.pid(engine));
        assertEquals("0", engine.field(steady.object(), ".status.restartCount"));
        engine.awaitField(ending.object(), ".status.containerStatuses[0].state.terminated.exitCode", "5");
        List<String> ticks = steady.logs(engine).lines().toList();
        assertEquals("tick " + ticks.size(), ticks.getLast(), "no line of the log was lost");
        steady.delete(engine);
        ending.delete(engine);
        assertFalse(Files.exists(Path.of("/proc/" + pid)));
    }

    @Test
    void wishes_written_just_before_a_kill_are_fulfilled_after_it() throws Exception {
        Sample late = Sample.container("late", "echo here; exec /bin/busybox sleep 600")
                .in(engine);

        engine.kill();
        engine.restart();

        late.running(engine);
        late.wrote(engine, "here");
        assertEquals(1, late.logs(engine).lines().count(), "it was started once");
        late.delete(engine);
    }

    @Test
    void a_second_engine_on_the_same_root_is_refused() {
        ProcessBuilder second = new ProcessBuilder(
                EngineProcess.SLIPWAY.toString(),
                "serve",
                "--root",
                engine.root().toString(),
                "--run",
                engine.run().toString(),
                "--listen",
                "off");

        EngineProcess.Ran refused = EngineProcess.Ran.run(second, "");

        assertEquals(1, refused.code(), refused.text());
        assertTrue(refused.text().contains("process " + engine.pid()), refused.text());
    }

    private void waitForEndOf(Sample pod) {
        String needle = pod.object().replace("pod/", "");
        engine.await("the process of " + needle + " to end", () -> ProcessHandle.allProcesses()
                .noneMatch(process -> process.info().commandLine().orElse("").contains("sleep 1.5")));
    }
}
