package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.probe.Finding;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.runtime.FakeRuntime.Behaviour;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What containers want to be run at their beginning and end.
class HooksTest {
    private static final String GREETED = """
            containers:
            - {name: main, image: a, lifecycle: {postStart: {exec: {command: [greet]}}}}
            """;
    private static final String DISMISSED = """
            containers:
            - {name: main, image: a, lifecycle: {preStop: {exec: {command: [drain]}}}}
            """;

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
    void a_hook_is_run_once_when_the_container_has_begun() throws Exception {
        rig.pod(GREETED);

        rig.settle();

        assertEquals(List.of("main greet"), rig.checker.asked());
        assertEquals("Running", rig.status("/phase"));
        rig.restartEngine();
        rig.settle();
        assertEquals(List.of("main greet"), rig.checker.asked());
    }

    @Test
    void a_failed_hook_ends_the_container_which_is_started_again() throws Exception {
        rig.checker.answer("greet", new Finding.Unhealthy("command 'greet' exited with 1: secret"));
        rig.pod(GREETED);

        rig.settle();

        rig.assertEvent("Warning FailedPostStartHook: PostStartHook failed");
        rig.assertEvent("Normal Killing: FailedPostStartHook");
        assertFalse(String.join("\n", rig.events()).contains("secret"));
        assertEquals("CrashLoopBackOff", rig.status("/containerStatuses/0/state/waiting/reason"));
        assertEquals("1", rig.status("/containerStatuses/0/restartCount"));
        rig.checker.answer("greet", new Finding.Healthy());
        rig.advance(Duration.ofSeconds(10));
        assertTrue(rig.state("main").contains("running"), rig.state("main"));
    }

    @Test
    void while_a_failed_one_is_being_ended_the_status_tells_why() throws Exception {
        rig.runtime.behave(request -> new Behaviour.IgnoresSignals());
        rig.checker.answer("greet", new Finding.Unhealthy("command 'greet' exited with 1: "));
        rig.pod(GREETED);

        rig.settle();

        assertEquals("PostStartHookError", rig.status("/containerStatuses/0/state/waiting/reason"));
        assertEquals(
                "Exec lifecycle hook ([greet]) for Container \"main\" in Pod \"web_default(uid-2)\" failed - error:"
                        + " command 'greet' exited with 1: ",
                rig.status("/containerStatuses/0/state/waiting/message"));
        assertEquals("Pending", rig.status("/phase"));
    }

    @Test
    void a_hook_before_the_end_comes_before_the_signal() throws Exception {
        rig.pod(DISMISSED);
        rig.settle();

        rig.delete(Deletion.PLAIN);
        rig.settle();

        assertEquals(List.of("main drain"), rig.checker.asked());
        assertTrue(rig.runtime.calls().contains("stop uid-2/main 15 PT30S"), rig.runtime.calls()::toString);
        assertTrue(rig.find().isEmpty());
    }

    @Test
    void the_time_of_the_hook_is_taken_from_the_grace_period_but_not_all_of_it() throws Exception {
        rig.checker.behave("drain", () -> rig.runtime.advance(Duration.ofSeconds(12)));
        rig.pod(DISMISSED);
        rig.settle();

        rig.delete(Deletion.PLAIN);
        rig.settle();

        assertTrue(rig.runtime.calls().contains("stop uid-2/main 15 PT18S"), rig.runtime.calls()::toString);
    }

    @Test
    void a_hook_that_takes_all_leaves_two_seconds() throws Exception {
        rig.checker.behave("drain", () -> rig.runtime.advance(Duration.ofSeconds(30)));
        rig.pod(DISMISSED);
        rig.settle();

        rig.delete(Deletion.PLAIN);
        rig.settle();

        assertTrue(rig.runtime.calls().contains("stop uid-2/main 15 PT2S"), rig.runtime.calls()::toString);
    }

    @Test
    void a_failed_hook_before_the_end_is_told_and_changes_nothing() throws Exception {
        rig.checker.answer("drain", new Finding.Unhealthy("exited with 1"));
        rig.pod(DISMISSED);
        rig.settle();

        rig.delete(Deletion.PLAIN);
        rig.settle();

        rig.assertEvent("Warning FailedPreStopHook: PreStopHook failed");
        assertTrue(rig.find().isEmpty());
    }

    @Test
    void whoever_is_removed_by_force_is_not_asked() throws Exception {
        rig.pod(DISMISSED);
        rig.settle();

        rig.delete(new Deletion(Optional.of(0L), "", "", Deletion.Propagation.BACKGROUND, false));
        rig.settle();

        assertEquals(List.of(), rig.checker.asked());
        assertTrue(rig.find().isEmpty());
    }

    @Test
    void what_is_frozen_is_thawed_for_its_hook() throws Exception {
        rig.pod(DISMISSED);
        rig.settle();
        rig.patch("{metadata: {annotations: {%s: Paused}}}".formatted(PodAnnotations.DESIRED_STATE));
        rig.settle();

        rig.patch("{metadata: {annotations: {%s: Stopped}}}".formatted(PodAnnotations.DESIRED_STATE));
        rig.settle();

        List<String> calls = rig.runtime.calls();
        assertTrue(calls.indexOf("resume uid-2/main") < calls.indexOf("stop uid-2/main 15 PT30S"), calls::toString);
        assertEquals(List.of("main drain"), rig.checker.asked());
    }

    @Test
    void a_container_may_name_its_own_stop_signal() throws Exception {
        assertThrows(
                ApiException.class,
                () -> rig.pod("containers: [{name: main, image: a, lifecycle: {stopSignal: SIGWHAT}}]"));
        rig.pod("containers: [{name: main, image: a, lifecycle: {stopSignal: SIGQUIT}}]");
        rig.settle();

        rig.delete(Deletion.PLAIN);
        rig.settle();

        assertTrue(rig.runtime.calls().contains("stop uid-2/main 3 PT30S"), rig.runtime.calls()::toString);
    }

    @Test
    void what_begins_frozen_is_greeted_when_it_goes_on() throws Exception {
        rig.create("""
                apiVersion: v1
                kind: Pod
                metadata: {name: web, annotations: {%s: Paused}}
                spec:
                %s
                """.formatted(PodAnnotations.DESIRED_STATE, GREETED.indent(2).stripTrailing()));
        rig.settle();
        assertEquals(List.of(), rig.checker.asked());
        assertEquals("0", rig.status("/containerStatuses/0/restartCount"));

        rig.patch("{metadata: {annotations: {%s: Running}}}".formatted(PodAnnotations.DESIRED_STATE));
        rig.settle();

        assertEquals(List.of("main greet"), rig.checker.asked());
        assertEquals("Running", rig.status("/phase"));
    }
}
