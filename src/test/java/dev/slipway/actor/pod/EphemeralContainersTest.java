package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.api.ApiException;
import dev.slipway.engine.runtime.FakeRuntime.Behaviour;
import dev.slipway.engine.runtime.StartOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Containers that are added to pods which run.
class EphemeralContainersTest {
    private static final String STATE = "/ephemeralContainerStatuses/0/state";

    @TempDir
    private Path folder = Path.of("");

    private PodRig rig;

    @BeforeEach
    void open() throws IOException, InterruptedException, ApiException {
        rig = new PodRig(folder);
        rig.pod("containers: [{name: main, image: a}]");
        rig.settle();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void it_runs_once_beside_the_others() throws Exception {
        rig.debug("{name: look, image: b, targetContainerName: main}");
        rig.settle();
        assertEquals("0", rig.status("/ephemeralContainerStatuses/0/restartCount"));
        assertTrue(rig.stored().status().at(STATE).has("running"));

        rig.exit("look", 3);

        assertEquals("3", rig.status(STATE + "/terminated/exitCode"));
        assertEquals("Running", rig.status("/phase"));
        rig.restartEngine();
        rig.settle();
        assertEquals("3", rig.status(STATE + "/terminated/exitCode"));
        assertTrue(rig.state("main").contains("running"), rig.state("main"));
    }

    @Test
    void one_whose_program_cannot_be_executed_has_ended() throws Exception {
        rig.runtime.behave(
                request -> new Behaviour.IsRefused(new StartOutcome.NotExecuted("execute nope: no such file")));

        rig.debug("{name: look, image: b}");
        rig.settle();

        assertEquals("StartError", rig.status(STATE + "/terminated/reason"));
        assertEquals("128", rig.status(STATE + "/terminated/exitCode"));
        assertEquals("Running", rig.status("/phase"));
        rig.runtime.behave(request -> new Behaviour.Runs());
        rig.restartEngine();
        rig.advance(Duration.ofMinutes(1));
        assertEquals("StartError", rig.status(STATE + "/terminated/reason"));
    }

    @Test
    void it_does_not_count_for_readiness_and_ends_with_the_pod() throws Exception {
        rig.patch("{metadata: {annotations: {a: b}}}");
        rig.debug("{name: look, image: b}");
        rig.settle();

        assertEquals("false", rig.status("/ephemeralContainerStatuses/0/ready"));
        assertEquals("True", condition("Ready"));
    }

    @Test
    void it_is_never_changed_or_taken_away() throws Exception {
        rig.debug("{name: look, image: b}");

        assertThrows(ApiException.class, () -> rig.debug("{name: look, image: c}"));
        assertThrows(ApiException.class, () -> rig.debug("{name: main, image: b}"));
        assertThrows(ApiException.class, () -> rig.debug("{name: more, image: b, targetContainerName: nobody}"));
        assertThrows(ApiException.class, () -> rig.debug("{name: more, image: b, ports: [{containerPort: 80}]}"));
        assertThrows(ApiException.class, () -> rig.patch("{spec: {ephemeralContainers: [{name: sneaked, image: b}]}}"));
        rig.debug("{name: more, image: b}");

        assertEquals(2, rig.stored().spec().path("ephemeralContainers").size());
    }

    private String condition(String type) {
        for (var each : rig.stored().status().path("conditions")) {
            if (each.path("type").asText().equals(type)) {
                return each.path("status").asText();
            }
        }
        return "";
    }
}
