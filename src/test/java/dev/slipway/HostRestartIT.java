package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// What holds when the host has lost everything that runs and kept what is on disk.
class HostRestartIT {
    private static final String LOOP = "echo begun; while true; do /bin/busybox usleep 50000; done";

    @Test
    void a_container_waits_again_for_what_it_depends_on() throws Exception {
        try (EngineProcess engine = EngineProcess.start()) {
            engine.apply(SharedEngine.TOOLBOX);
            Sample back = Sample.container("back", LOOP)
                    .with("volumes: [{name: state, emptyDir: {medium: Memory}}]")
                    .with("volumeMounts: [{name: state, mountPath: /state}]")
                    .with("readinessProbe: {exec: {command: [/bin/busybox, test, -e, /state/ready]}, periodSeconds: 1}")
                    .in(engine)
                    .running(engine);
            Sample front = Sample.container("front", LOOP)
                    .with("dependsOn: [{name: back}]")
                    .in(engine);
            becomeReady(engine, back);
            front.running(engine);

            engine.stop();
            engine.slipway("dismantle").orFail();
            engine.restart();

            back.running(engine);
            engine.awaitField(
                    front.object(),
                    ".status.conditions[?(@.type==\"DependenciesReady\")].message",
                    "waits for Container back to be Ready");
            assertEquals("Pending", engine.field(front.object(), ".status.phase"));
            assertEquals("", engine.field(front.object(), ".status.pid"));
            becomeReady(engine, back);
            front.running(engine);
            assertTrue(Integer.parseInt(engine.field(front.object(), ".status.restartCount")) > 0);
        }
    }

    private static void becomeReady(EngineProcess engine, Sample back) {
        back.touch(engine, "/state/ready");
        engine.kubectl("wait", "--for=condition=Ready", back.object(), "--timeout=20s")
                .orFail();
    }
}
