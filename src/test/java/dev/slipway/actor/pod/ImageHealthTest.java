package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.actor.probe.Finding;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.engine.oci.Healthcheck;
import dev.slipway.engine.oci.RunParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the health check of an image does to a pod that follows it, and to others.
class ImageHealthTest {
    private static final Finding ILL = new Finding.Unhealthy("no pulse");
    private static final Finding WELL = new Finding.Healthy();

    @TempDir
    private Path folder = Path.of("");

    private PodRig rig;

    @BeforeEach
    void open() throws IOException, InterruptedException, ApiException {
        rig = new PodRig(folder);
        Duration none = Duration.ZERO;
        Healthcheck check = new Healthcheck(List.of("CMD", "pulse"), Duration.ofSeconds(10), none, none, none, 2);
        RunParameters parameters = new RunParameters(
                List.of(), List.of(), List.of(), "", "", Set.of(), "", Set.of(), Map.of(), check, List.of());
        rig.images.answer("a", new Answer.Present(FakeImages.image("a", parameters), false));
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void follower(String fields) throws ApiException {
        rig.create("""
                apiVersion: v1
                kind: Pod
                metadata: {name: web, annotations: {slipway.dev/image-healthcheck: Follow}}
                spec: {containers: [{name: main, image: a%s}]}
                """.formatted(fields));
    }

    private boolean followsImage() {
        return rig.actor().facts().container("uid-2", "main").orElseThrow().followsImage();
    }

    private void assertReady(boolean isReady) {
        assertEquals(isReady, Conditions.isTrue(rig.stored().status(), "Ready"));
    }

    @Test
    void a_container_is_ready_while_the_check_of_its_image_succeeds_and_is_never_restarted() throws Exception {
        rig.checker.answer("pulse", ILL);
        follower("");
        rig.settle();
        assertReady(false);
        rig.pass(1);
        assertEquals(List.of("main pulse"), rig.checker.asked());
        rig.assertEvent("Warning Unhealthy: Readiness probe failed: no pulse");
        assertTrue(followsImage());

        rig.checker.answer("pulse", WELL);
        rig.pass(5);
        assertReady(true);

        rig.checker.answer("pulse", ILL);
        rig.pass(5);
        assertReady(true);
        rig.pass(10);
        assertReady(false);
        rig.pass(60);
        assertEquals("0", rig.status("/containerStatuses/0/restartCount"));
        assertEquals("true", rig.status("/containerStatuses/0/started"));
    }

    @Test
    void who_was_ready_stays_so_when_the_engine_starts_again_and_is_asked_on() throws Exception {
        follower("");
        rig.settle();
        rig.pass(1);
        assertReady(true);

        rig.restartEngine();
        rig.settle();
        assertReady(true);

        rig.checker.answer("pulse", ILL);
        rig.pass(20);
        assertReady(false);
    }

    @Test
    void a_probe_of_the_container_takes_its_place() throws Exception {
        follower(", readinessProbe: {exec: {command: [own]}}");
        rig.settle();
        rig.pass(30);

        assertFalse(rig.checker.asked().contains("main pulse"));
        assertFalse(followsImage());
    }

    @Test
    void a_pod_that_does_not_ask_for_it_is_ready_at_once_as_in_kubernetes() throws Exception {
        rig.checker.answer("pulse", ILL);
        rig.pod("containers: [{name: main, image: a}]");
        rig.settle();
        rig.pass(60);

        assertReady(true);
        assertEquals(List.of(), rig.checker.asked());
    }

    @Test
    void it_begins_and_ends_while_the_container_runs() throws Exception {
        rig.checker.answer("pulse", ILL);
        rig.pod("containers: [{name: main, image: a, lifecycle: {postStart: {exec: {command: [hook]}}}}]");
        rig.settle();
        rig.pass(1);
        assertReady(true);

        rig.patch("{metadata: {annotations: {slipway.dev/image-healthcheck: Follow}}}");
        rig.settle();
        assertReady(true);
        rig.pass(20);
        assertReady(false);
        assertTrue(followsImage());

        rig.patch("{metadata: {annotations: {slipway.dev/image-healthcheck: null}}}");
        rig.settle();
        assertReady(true);
        assertFalse(followsImage());
        int asked = rig.checker.asked().size();
        rig.pass(60);
        assertEquals(asked, rig.checker.asked().size());
        assertEquals("0", rig.status("/containerStatuses/0/restartCount"));
    }
}
