package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.engine.runtime.FakeRuntime.Behaviour;
import dev.slipway.engine.runtime.StartOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How pods go.
class PodEndTest {
    private static final String ONE = "containers: [{name: main, image: a}]";

    private static final String WITH_INIT = "initContainers: [{name: init, image: a}]\n" + ONE;

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
    void a_program_that_cannot_be_executed_is_the_end_of_a_pod_that_is_not_restarted() throws Exception {
        lackProgram();
        rig.pod("restartPolicy: Never\n" + ONE);

        rig.settle();

        assertEquals("Failed", rig.status("/phase"));
        assertEquals("StartError", rig.status("/containerStatuses/0/state/terminated/reason"));
        assertEquals("128", rig.status("/containerStatuses/0/state/terminated/exitCode"));
        assertEquals("execute nope: no such file", rig.status("/containerStatuses/0/state/terminated/message"));
        assertEquals("0", rig.status("/containerStatuses/0/restartCount"));
        rig.assertEvent("Warning Failed: Error: execute nope: no such file");
        assertEquals(
                "main: StartError, exit code 128: execute nope: no such file",
                Conditions.find(rig.stored().status(), "Ready").orElseThrow().message());
        assertEquals(1, tries());
        rig.advance(Duration.ofHours(1));
        assertEquals(1, tries());
    }

    @Test
    void it_is_tried_once_more_whenever_somebody_asks_for_that() throws Exception {
        lackProgram();
        rig.create("{apiVersion: v1, kind: Pod, metadata: {name: web, annotations: {slipway.dev/storage-layer: Kept}},"
                + " spec: {restartPolicy: Never, containers: [{name: main, image: a}]}}");
        rig.settle();
        assertEquals(1, tries());

        rig.patch("{metadata: {annotations: {slipway.dev/desired-state: Stopped}}}");
        rig.settle();
        assertEquals("Pending", rig.status("/phase"));
        rig.patch("{metadata: {annotations: {slipway.dev/desired-state: Running}}}");
        rig.settle();
        assertEquals("Failed", rig.status("/phase"));
        assertEquals(2, tries());

        rig.advance(Duration.ofMinutes(1));
        String now = PodRig.BEGIN.plusSeconds(60).plusMillis(700).toString();
        rig.patch("{metadata: {annotations: {slipway.dev/restarted-at: '%s'}}}".formatted(now));
        rig.advance(Duration.ofMillis(800));
        assertEquals("Failed", rig.status("/phase"));
        assertEquals(3, tries());

        rig.runtime.behave(request -> new Behaviour.Runs());
        now = PodRig.BEGIN.plusSeconds(62).toString();
        rig.advance(Duration.ofSeconds(2));
        rig.patch("{metadata: {annotations: {slipway.dev/restarted-at: '%s'}}}".formatted(now));
        rig.settle();
        assertEquals("Running", rig.status("/phase"));
    }

    @Test
    void a_program_that_cannot_be_executed_is_tried_again_with_pauses_where_it_is_to_run() throws Exception {
        lackProgram();
        rig.pod(ONE);

        rig.settle();

        assertEquals("RunContainerError", rig.status("/containerStatuses/0/state/waiting/reason"));
        assertEquals("Pending", rig.status("/phase"));
        rig.runtime.behave(request -> new Behaviour.Runs());
        rig.advance(Duration.ofSeconds(10));
        assertEquals("Running", rig.status("/phase"));
    }

    @Test
    void an_init_container_that_cannot_be_executed_is_the_end_of_a_pod_that_is_not_restarted() throws Exception {
        lackProgram("init");
        rig.pod("restartPolicy: Never\n" + WITH_INIT);

        rig.settle();

        assertEquals("Failed", rig.status("/phase"));
        assertEquals("StartError", rig.status("/initContainerStatuses/0/state/terminated/reason"));
        assertEquals("128", rig.status("/initContainerStatuses/0/state/terminated/exitCode"));
        assertEquals(
                "init: StartError, exit code 128: execute nope: no such file",
                Conditions.find(rig.stored().status(), "Ready").orElseThrow().message());
        assertEquals("Init:StartError", column());
        rig.restartEngine();
        rig.advance(Duration.ofHours(1));
        assertEquals("Init:StartError", column());
        assertEquals(1, tries());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Always", "OnFailure"})
    void an_init_container_that_cannot_be_executed_is_tried_again_with_pauses(String policy) throws Exception {
        lackProgram("init");
        rig.pod("restartPolicy: %s\n".formatted(policy) + WITH_INIT);

        rig.settle();

        assertEquals("Init:RunContainerError", column());
        assertEquals("execute nope: no such file", rig.status("/initContainerStatuses/0/state/waiting/message"));
        rig.advance(Duration.ofSeconds(10));
        rig.advance(Duration.ofSeconds(19));
        assertEquals(2, tries());
        rig.advance(Duration.ofSeconds(1));
        assertEquals(3, tries());
        rig.runtime.behave(request -> new Behaviour.Runs());
        rig.advance(Duration.ofSeconds(40));
        rig.exit("init", 0);
        assertEquals("Running", column());
    }

    @Test
    void an_init_container_that_could_not_be_executed_is_tried_once_at_each_start() throws Exception {
        rig.create("{apiVersion: v1, kind: Pod, metadata: {name: web, annotations: {slipway.dev/storage-layer: Kept}},"
                + " spec: {restartPolicy: Never, %s}}".formatted(WITH_INIT.replace("\n", ", ")));
        rig.settle();
        rig.exit("init", 0);
        assertEquals("Running", column());
        lackProgram("init");

        for (int tries = 3; tries < 5; tries++) {
            rig.patch("{metadata: {annotations: {slipway.dev/desired-state: Stopped}}}");
            rig.settle();
            rig.runtime.loseSandbox(rig.name("main").pod());
            rig.patch("{metadata: {annotations: {slipway.dev/desired-state: Running}}}");
            rig.settle();
            assertEquals("Init:StartError", column());
            assertEquals(tries, tries());
        }

        rig.runtime.behave(request -> new Behaviour.Runs());
        rig.patch("{metadata: {annotations: {slipway.dev/desired-state: Stopped}}}");
        rig.settle();
        rig.patch("{metadata: {annotations: {slipway.dev/desired-state: Running}}}");
        rig.settle();
        rig.exit("init", 0);
        assertEquals("Running", column());
    }

    /// What `kubectl get pods` prints in its column `STATUS`.
    private String column() {
        return rig.api.kinds().find(PodWriter.PODS).orElseThrow().columns().stream()
                .filter(column -> column.name().equals("Status"))
                .map(column -> column.cell().apply(rig.stored(), PodRig.BEGIN).toString())
                .findFirst()
                .orElseThrow();
    }

    private void lackProgram(String container) {
        rig.runtime.behave(request -> request.container().name().equals(container)
                ? new Behaviour.IsRefused(new StartOutcome.NotExecuted("execute nope: no such file"))
                : new Behaviour.Runs());
    }

    private void lackProgram() {
        rig.runtime.behave(
                request -> new Behaviour.IsRefused(new StartOutcome.NotExecuted("execute nope: no such file")));
    }

    private long tries() {
        return rig.runtime.calls().stream()
                .filter(call -> call.startsWith("start "))
                .count();
    }

    @Test
    void a_deleted_pod_gets_its_grace_and_is_gone() throws Exception {
        rig.runtime.behave(request -> new Behaviour.IgnoresSignals());
        rig.pod("terminationGracePeriodSeconds: 5\n" + ONE);
        rig.settle();

        rig.delete(Deletion.PLAIN);
        rig.settle();

        assertTrue(
                rig.runtime.calls().contains("stop uid-2/main 15 PT5S"),
                rig.runtime.calls().toString());
        rig.advance(Duration.ofSeconds(4));
        assertTrue(rig.find().isPresent());
        rig.advance(Duration.ofSeconds(1));
        assertTrue(rig.find().isEmpty());
        assertEquals("removePod uid-2", rig.runtime.calls().getLast());
        assertEquals(List.of("uid-2"), rig.images.forgotten());
        rig.assertEvent("Normal Killing: Stopping container main");
        assertEquals(
                1,
                rig.runtime.calls().stream()
                        .filter(call -> call.startsWith("stop"))
                        .count(),
                "a stop signal is sent once");
    }

    @Test
    void a_pod_that_is_deleted_by_force_leaves_nothing() throws Exception {
        rig.pod(ONE);
        rig.settle();

        rig.delete(new Deletion(Optional.of(0L), "", "", Deletion.Propagation.BACKGROUND, false));
        rig.settle();

        assertTrue(rig.find().isEmpty());
        assertEquals(List.of(), rig.runtime.list());
    }

    @Test
    void a_pod_of_the_same_name_begins_when_nothing_is_left_of_the_first() throws Exception {
        rig.pod(ONE);
        rig.settle();
        rig.delete(new Deletion(Optional.of(0L), "", "", Deletion.Propagation.BACKGROUND, false));
        String uid = rig.pod(ONE).uid();

        rig.settle();

        assertTrue(rig.runtime.calls().contains("removePod uid-2"));
        assertEquals("start " + uid + "/main 0", rig.runtime.calls().getLast());
    }

    @Test
    void a_pod_deleted_while_its_image_comes_is_gone_at_once() throws Exception {
        rig.images.answer("slow", new Answer.Pulling());
        rig.pod("containers: [{name: main, image: slow}]");
        rig.settle();

        rig.delete(Deletion.PLAIN);
        rig.settle();

        assertTrue(rig.find().isEmpty());
        assertEquals(List.of("uid-2"), rig.images.forgotten());
    }

    @Test
    void a_finalizer_keeps_the_object_and_nothing_else() throws Exception {
        rig.pod(ONE);
        rig.patch("{metadata: {finalizers: [example.org/wait]}}");
        rig.settle();

        rig.delete(Deletion.PLAIN);
        rig.settle();

        assertEquals(List.of(), rig.runtime.list());
        assertEquals("Failed", rig.status("/phase"));
        assertEquals("143", rig.status("/containerStatuses/0/state/terminated/exitCode"));
        long version = rig.store.resourceVersion();
        rig.settle();
        assertEquals(version, rig.store.resourceVersion());
    }
}
