package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What many that misbehave do to one that does not. An engine of its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NeighboursIT {
    private static final int CROWD = 200;

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
    void a_flapping_crowd_starves_nobody() {
        Sample steady = Sample.container(
                        "steady", "i=0; while true; do i=$((i+1)); echo tick $i; /bin/busybox usleep 100000; done")
                .in(engine)
                .running(engine);
        engine.apply("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: crowd}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: crowd}}
                  template:
                    metadata: {labels: {app: crowd}}
                    spec:
                      containers: [{name: main, image: toolbox, imagePullPolicy: Never, command: [/bin/busybox, "false"]}]
                """.formatted(CROWD));

        Sample late = Sample.container("late", "while true; do /bin/busybox usleep 100000; done")
                .in(engine)
                .running(engine);
        assertEquals(
                "here\n",
                engine.slipway("exec", "late", "--", "/bin/busybox", "echo", "here")
                        .orFail()
                        .out());
        engine.slipway("kill", "late").orFail();
        engine.awaitField(late.object(), ".status.restartCount", "1");
        // Each waits ten seconds at least; two hundred starts take a while beside other tests, so that each quarter has
        // a deadline of its own.
        for (int quarter = 1; quarter <= 4; quarter++) {
            int wanted = CROWD * quarter / 4;
            engine.await(wanted + " to flap", () -> backingOff() >= wanted);
        }

        assertEquals("0", engine.field(steady.object(), ".status.restartCount"));
        long ticks = steady.logs(engine).lines().count();
        engine.await(
                "the steady one to go on", () -> steady.logs(engine).lines().count() > ticks + 3);
        String status = engine.field("deployment/crowd", ".status.conditions[?(@.type==\"Available\")].status");
        assertEquals("False", status);
        engine.kubectl("delete", "deployment", "crowd", "--cascade=foreground", "--wait=true", "--timeout=60s")
                .orFail();
        assertTrue(engine.kubectl("get", "pods", "-l", "app=crowd", "-o", "name")
                .out()
                .isEmpty());
        steady.delete(engine);
        late.delete(engine);
    }

    private long backingOff() {
        String restarts = engine.kubectl(
                        "get",
                        "pods",
                        "-l",
                        "app=crowd",
                        "-o",
                        "jsonpath={range .items[*]}{.status.containerStatuses[0].restartCount}{\"\\n\"}{end}")
                .out();
        return restarts.lines().filter(line -> line.matches("[1-9]\\d*")).count();
    }
}
