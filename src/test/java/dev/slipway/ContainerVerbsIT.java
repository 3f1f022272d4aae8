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
    private static final String LOOP =
            "trap 'echo user; ' USR1; echo ready; while true; do /bin/busybox usleep 50000; done";

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
    @DisplayName("S34 a container that has finished runs again when it is started, with the layer that it had")
    void what_has_finished_is_started_again(EngineProcess engine) {
        Sample sample = Sample.container("finished", "echo again >>/log; /bin/busybox cat /log; exit 3")
                .with("restartPolicy: Never")
                .in(engine);
        engine.awaitField(sample.object(), ".status.phase", "Exited");

        EngineProcess.Ran pause = engine.slipway("pause", "finished");
        assertEquals(1, pause.code());
        assertTrue(pause.err().contains("start makes it run again"), pause.err());
        engine.slipway("start", "finished").orFail();

        sample.wrote(engine, "again\nagain");
        sample.delete(engine);
    }

    @Test
    @DisplayName("S34 a signal reaches a container, and a killed one is started again")
    void a_signal_reaches_a_container(EngineProcess engine) {
        Sample sample = Sample.container("signals", LOOP).in(engine).running(engine);
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

    @Test
    @DisplayName("S34 limits of a running container and of a running pod are changed live")
    void limits_are_changed_live(EngineProcess engine) {
        String show = "while true; do /bin/busybox cat /sys/fs/cgroup/memory.max "
                + "/sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; /bin/busybox usleep 50000; done";
        Sample container = Sample.container("live", show)
                .with("resources: {limits: {memory: 64Mi}}")
                .in(engine)
                .running(engine);
        Sample pod = Sample.pod("livepod", show)
                .with("  resources: {limits: {memory: 64Mi}}")
                .in(engine)
                .running(engine);
        container.wrote(engine, "67108864");
        pod.wrote(engine, "67108864");
        long pid = container.pid(engine);

        String limits = "{\"limits\":{\"memory\":\"96Mi\"},\"requests\":{\"memory\":\"96Mi\"}}";
        engine.kubectl(
                        "patch",
                        container.object(),
                        "--type=merge",
                        "-p",
                        "{\"spec\":{\"resources\":%s}}".formatted(limits))
                .orFail();
        engine.kubectl(
                        "patch",
                        pod.object(),
                        "--subresource=resize",
                        "-p",
                        "{\"spec\":{\"containers\":[{\"name\":\"main\",\"resources\":%s}]}}".formatted(limits))
                .orFail();

        container.wrote(engine, "100663296");
        pod.wrote(engine, "100663296");
        assertEquals(pid, container.pid(engine));
        assertEquals("0", engine.field(pod.object(), ".status.containerStatuses[0].restartCount"));
        engine.awaitField(pod.object(), ".status.containerStatuses[0].resources.limits.memory", "96Mi");
        container.delete(engine);
        pod.delete(engine);
    }

    @Test
    @DisplayName("S34 kubectl scale stops a container with 0 and starts it with 1, and there are never two")
    void a_container_is_scaled_to_nothing_and_back(EngineProcess engine) {
        Sample sample = Sample.container("scaled", LOOP).in(engine).running(engine);

        engine.kubectl("scale", sample.object(), "--replicas=0").orFail();
        engine.awaitField(sample.object(), ".status.phase", "Stopped");
        engine.kubectl("scale", sample.object(), "--replicas=1").orFail();
        sample.running(engine);
        EngineProcess.Ran two = engine.kubectl("scale", sample.object(), "--replicas=2");

        assertEquals(1, two.code(), two.text());
        assertTrue(two.err().contains("a Container is one"), two.text());
        sample.delete(engine);
    }

    private static void post(EngineProcess engine, String verb) {
        engine.kubectl("create", "--raw", path(verb), "-f", "/dev/null").orFail();
    }

    private static String path(String verb) {
        return "/apis/slipway.dev/v1alpha1/namespaces/default/containers/verbs/" + verb;
    }
}
