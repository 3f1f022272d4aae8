package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.actor.pod.PodFacts.ImageVolume;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.runtime.ContainerRequest.Layer;
import dev.slipway.engine.runtime.FakeRuntime.Behaviour;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pods whose annotations ask for what Kubernetes has no field for.
class DesiredStateTest {
    @TempDir
    private Path folder = Path.of("");

    private PodRig rig;

    @BeforeEach
    void open() throws IOException, InterruptedException, ApiException {
        rig = new PodRig(folder);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void a_stopped_pod_is_made_and_not_started() throws Exception {
        pod("Stopped", "Always");

        rig.settle();

        assertEquals("create uid-2/main 0", rig.runtime.calls().getLast());
        assertEquals("Pending", rig.status("/phase"));
        assertEquals("Stopped", rig.status("/containerStatuses/0/state/waiting/reason"));
        assertTrue(isTrue("Stopped"));
        assertEquals(
                Optional.empty(),
                rig.actor().facts().container("uid-2", "main").orElseThrow().pid());

        desire("Running");
        assertEquals("start uid-2/main 0", rig.runtime.calls().getLast(), "what was made is started");
        assertEquals("Running", rig.status("/phase"));
        assertFalse(isTrue("Stopped"));
    }

    @Test
    void stop_and_start_end_it_and_run_it_again_without_a_pause() throws Exception {
        pod("Running", "Never");
        rig.settle();
        for (int attempt = 1; attempt < 5; attempt++) {
            desire("Stopped");
            assertTrue(isTrue("Stopped"));
            assertEquals("143", rig.status("/containerStatuses/0/state/terminated/exitCode"));
            assertEquals("Pending", rig.status("/phase"));

            desire("Running");

            assertEquals("start uid-2/main " + attempt, started().getLast());
            assertEquals("Running", rig.status("/phase"));
            assertFalse(isTrue("Stopped"));
        }
        assertInstanceOf(Layer.Kept.class, rig.runtime.started().getLast().layer());
    }

    @Test
    void a_program_that_ends_at_once_after_a_start_is_not_started_for_ever() throws Exception {
        pod("Running", "Always");
        rig.settle();
        desire("Stopped");
        rig.runtime.behave(request -> new Behaviour.Exits(1));

        desire("Running");

        assertEquals("CrashLoopBackOff", rig.status("/containerStatuses/0/state/waiting/reason"));
        assertEquals(3, started().size(), "the first, the second, and one restart at once");
    }

    @Test
    void stopping_survives_another_engine() throws Exception {
        rig.runtime.behave(request -> new Behaviour.IgnoresSignals());
        pod("Running", "Always");
        rig.settle();
        desire("Stopped");
        rig.restartEngine();
        rig.settle();
        assertFalse(isTrue("Stopped"));

        rig.advance(Duration.ofSeconds(30));

        assertTrue(isTrue("Stopped"));
        assertEquals("137", rig.status("/containerStatuses/0/state/terminated/exitCode"));
        rig.restartEngine();
        desire("Running");
        assertEquals("start uid-2/main 1", started().getLast());
    }

    @Test
    void a_paused_pod_is_frozen_and_goes_on() throws Exception {
        pod("Running", "Always");
        rig.settle();
        String pid = rig.actor()
                .facts()
                .container("uid-2", "main")
                .orElseThrow()
                .pid()
                .orElseThrow()
                .toString();

        desire("Paused");

        assertTrue(isTrue("Paused"));
        assertFalse(isTrue("Ready"));
        assertEquals(
                "Paused",
                Conditions.find(rig.stored().status(), "Ready").orElseThrow().reason());
        assertTrue(rig.state("main").contains("running"), rig.state("main"));
        desire("Running");
        assertFalse(isTrue("Paused"));
        assertTrue(isTrue("Ready"));
        assertEquals(
                pid,
                rig.actor()
                        .facts()
                        .container("uid-2", "main")
                        .orElseThrow()
                        .pid()
                        .orElseThrow()
                        .toString());
    }

    @Test
    void a_pod_may_begin_paused_and_be_stopped_from_there() throws Exception {
        pod("Paused", "Always");
        rig.settle();
        assertTrue(isTrue("Paused"));

        desire("Stopped");

        assertFalse(isTrue("Paused"));
        assertTrue(isTrue("Stopped"));
    }

    @Test
    void a_container_that_has_ended_for_good_runs_again_after_a_stop_and_a_start() throws Exception {
        pod("Running", "Never");
        rig.settle();
        rig.exit("main", 0);
        assertEquals("Succeeded", rig.status("/phase"));

        desire("Stopped");
        assertTrue(isTrue("Stopped"));
        desire("Running");

        assertEquals("Running", rig.status("/phase"));
    }

    @Test
    void the_stop_signal_is_the_pods_then_the_images() throws Exception {
        rig.images.answer(
                "a", new Answer.Present(FakeImages.image("a", FakeImages.parameters("SIGQUIT", Set.of())), false));
        pod("Running", "Always");
        rig.settle();
        rig.restartEngine();
        desire("Stopped");
        assertTrue(rig.runtime.calls().contains("stop uid-2/main 3 PT30S"), "the image's, asked again");

        rig.patch("{metadata: {annotations: {slipway.dev/stop-signal: RTMIN+3}}}");
        desire("Running");
        desire("Stopped");

        assertTrue(
                rig.runtime.calls().contains("stop uid-2/main 37 PT30S"),
                rig.runtime.calls().toString());
    }

    @Test
    void paths_that_the_image_declares_become_volumes_of_the_owner() throws Exception {
        rig.images.answer(
                "a",
                new Answer.Present(
                        FakeImages.image("a", FakeImages.parameters("", Set.of("/data", "/mounted"))), false));
        rig.create("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: web
                  annotations: {slipway.dev/storage-layer: Kept, slipway.dev/image-volumes: Persist}
                  ownerReferences:
                  - {apiVersion: slipway.dev/v1alpha1, kind: Container, name: web, uid: c-1, controller: true}
                spec:
                  containers:
                  - {name: main, image: a, volumeMounts: [{name: e, mountPath: /mounted}]}
                  volumes: [{name: e, emptyDir: {}}]
                """);

        rig.settle();
        assertEquals("ContainerCreating", rig.status("/containerStatuses/0/state/waiting/reason"));
        assertTrue(rig.runtime.started().isEmpty(), "the directory is not made yet");
        rig.makeVolumeReady("web-bd47413b");
        rig.settle();

        ImageVolume volume = new ImageVolume("/data", "web-bd47413b");
        assertEquals(
                List.of(volume),
                rig.actor().facts().container("uid-2", "main").orElseThrow().imageVolumes());
        assertEquals(
                new Layer.Kept(List.of(new Layer.ImageVolume("/data", "default." + volume.volume()))),
                rig.runtime.started().getLast().layer());
        ApiObject stored = rig.store
                .get(new ObjectKey(PodWriter.VOLUMES, "default", volume.volume()))
                .orElseThrow();
        assertEquals("DeleteWhenUnused", stored.spec().path("reclaimPolicy").asText());
        assertEquals("c-1", stored.metadata().at("/ownerReferences/0/uid").asText());
        assertEquals("/data", stored.annotations().get("slipway.dev/image-path"));
        rig.restartEngine();
        rig.settle();
        assertEquals(
                List.of(volume),
                rig.actor().facts().container("uid-2", "main").orElseThrow().imageVolumes());
    }

    @Test
    void a_volume_of_somebody_else_is_waited_for() throws Exception {
        rig.images.answer(
                "a", new Answer.Present(FakeImages.image("a", FakeImages.parameters("", Set.of("/data"))), false));
        ApiObject other =
                rig.create("{apiVersion: slipway.dev/v1alpha1, kind: Volume, metadata: {name: web-bd47413b}}");
        rig.create("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: web
                  annotations: {slipway.dev/storage-layer: Kept, slipway.dev/image-volumes: Persist}
                spec: {containers: [{name: main, image: a}]}
                """);

        rig.settle();

        assertEquals("ContainerCreating", rig.status("/containerStatuses/0/state/waiting/reason"));
        rig.assertEvent("Warning FailedMount: volume \"web-bd47413b\" belongs to somebody else, or is being deleted");
        assertEquals(Set.of(PodRig.podKey()), Set.copyOf(rig.concerned(other)));
    }

    private void pod(String state, String restartPolicy) throws ApiException {
        rig.create("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: web
                  annotations: {slipway.dev/desired-state: %s, slipway.dev/storage-layer: Kept}
                spec: {restartPolicy: %s, containers: [{name: main, image: a}]}
                """.formatted(state, restartPolicy));
    }

    private void desire(String state) throws ApiException, InterruptedException {
        rig.patch("{metadata: {annotations: {slipway.dev/desired-state: %s}}}".formatted(state));
        rig.settle();
    }

    private boolean isTrue(String condition) {
        return Conditions.isTrue(rig.stored().status(), condition);
    }

    private List<String> started() {
        return rig.runtime.calls().stream()
                .filter(call -> call.startsWith("start "))
                .toList();
    }

    @Test
    void a_container_that_is_to_begin_again_does_so_once_and_at_once() throws Exception {
        rig.pod("restartPolicy: Never\ncontainers: [{name: main, image: a}]");
        rig.settle();
        rig.runtime.advance(Duration.ofSeconds(5));
        String now = rig.runtime.clock().instant().toString();

        rig.patch("{metadata: {annotations: {%s: \"%s\"}}}".formatted(PodAnnotations.RESTARTED_AT, now));
        rig.settle();

        assertEquals("Running", rig.status("/phase"));
        assertEquals("1", rig.status("/containerStatuses/0/restartCount"));
        rig.assertEvent("Normal Killing: Container main is to be restarted");
        rig.restartEngine();
        rig.settle();
        assertEquals("1", rig.status("/containerStatuses/0/restartCount"));
        rig.exit("main", 1);
        assertEquals("Failed", rig.status("/phase"));
    }

    @Test
    void a_container_that_has_ended_for_good_runs_again_once_when_it_is_to_begin_again() throws Exception {
        pod("Running", "Never");
        rig.settle();
        rig.exit("main", 3);
        assertEquals("Failed", rig.status("/phase"));
        rig.runtime.advance(Duration.ofSeconds(5));

        String now = rig.runtime.clock().instant().toString();
        rig.patch("{metadata: {annotations: {%s: \"%s\"}}}".formatted(PodAnnotations.RESTARTED_AT, now));
        rig.settle();

        assertEquals("Running", rig.status("/phase"));
        assertEquals("1", rig.status("/containerStatuses/0/restartCount"));
        rig.exit("main", 0);
        assertEquals("Succeeded", rig.status("/phase"));
    }
}
