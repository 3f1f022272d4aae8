package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The verbs of a `Container`, by its subresources and by the command.
@ExtendWith(SharedEngine.class)
class ContainerVerbsIT {
    private static final String LOOP = "trap 'echo user; ' USR1; while true; do /bin/busybox usleep 50000; done";

    @Test
    @DisplayName("S33 S34 scripts pause, resume, stop, start, restart and kill a container by its subresources")
    void a_script_drives_a_container_by_its_subresources(EngineProcess engine) {
        Sample sample = Sample.container("verbs", LOOP).in(engine).running(engine);
        long first = sample.pid(engine);

        post(engine, "pause");
        engine.awaitField(sample.object(), ".status.phase", "Paused");
        post(engine, "resume");
        sample.running(engine);
        assertEquals(first, sample.pid(engine));
        post(engine, "stop");
        engine.awaitField(sample.object(), ".status.phase", "Stopped");
        assertTrue(engine.kubectl("create", "--raw", path("kill"), "-f", "/dev/null")
                .err()
                .contains("not running"));
        post(engine, "start");
        sample.running(engine);
        long second = sample.pid(engine);
        post(engine, "restart");
        engine.await("another process", () -> {
            String pid = engine.field(sample.object(), ".status.pid");
            return !pid.isEmpty() && !pid.equals(Long.toString(second));
        });
        sample.running(engine);
        assertNotEquals(second, sample.pid(engine));
        sample.delete(engine);
    }

    @Test
    @DisplayName("S34 a signal reaches a container, and a killed one is started again")
    void a_signal_reaches_a_container(EngineProcess engine) {
        Sample sample =
                Sample.container("signals", "echo ready; " + LOOP).in(engine).running(engine);
        sample.wrote(engine, "ready");

        engine.slipway("kill", "-s", "USR1", "signals").orFail();
        sample.wrote(engine, "user");
        assertEquals("0", engine.field(sample.object(), ".status.restartCount"));
        engine.slipway("kill", "signals").orFail();

        engine.awaitField(sample.object(), ".status.restartCount", "1");
        EngineProcess.Ran unknown = engine.slipway("kill", "-s", "NONSENSE", "signals");
        assertEquals(1, unknown.code());
        assertTrue(unknown.err().contains("unknown signal"), unknown.err());
        sample.delete(engine);
    }

    private static void post(EngineProcess engine, String verb) {
        engine.kubectl("create", "--raw", path(verb), "-f", "/dev/null").orFail();
    }

    private static String path(String verb) {
        return "/apis/slipway.dev/v1alpha1/namespaces/default/containers/verbs/" + verb;
    }
}
