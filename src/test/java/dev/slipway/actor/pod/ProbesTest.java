package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.probe.Finding;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.runtime.FakeRuntime.Behaviour;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What probes do to a pod.
class ProbesTest {
    private static final Finding ILL = new Finding.Unhealthy("no pulse");
    private static final Finding WELL = new Finding.Healthy();

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
    void a_container_is_ready_from_its_first_good_answer_until_three_bad_ones() throws Exception {
        rig.checker.answer("ready", ILL);
        rig.pod("containers: [{name: main, image: a, readinessProbe: {exec: {command: [ready]}}}]");
        rig.settle();
        rig.pass(1);

        assertEquals("Running", rig.status("/phase"));
        assertReady(false);
        assertEquals("true", rig.status("/containerStatuses/0/started"));
        rig.assertEvent("Warning Unhealthy: Readiness probe failed: no pulse");

        rig.checker.answer("ready", WELL);
        rig.pass(10);
        assertReady(true);

        rig.checker.answer("ready", ILL);
        rig.pass(20);
        assertReady(true);
        rig.pass(10);
        assertReady(false);
        assertEquals("0", rig.status("/containerStatuses/0/restartCount"));
        assertEquals(
                "containers with unready status: [main]; main: Readiness probe failed: no pulse",
                Conditions.find(rig.stored().status(), "Ready").orElseThrow().message());
    }

    @Test
    void what_a_probe_says_is_told_until_it_says_something_else() throws Exception {
        rig.checker.answer("ready", new Finding.Unhealthy("09:00 no database\nsince 08:59"));
        rig.pod("containers: [{name: main, image: a, readinessProbe: {exec: {command: [ready]}}}]");
        rig.settle();
        rig.pass(1);
        String told = "containers with unready status: [main]; main: Readiness probe failed: ";
        assertEquals(told + "09:00 no database; since 08:59", readyMessage());
        long version = rig.store.resourceVersion();
        long events = rig.events().size();

        rig.checker.answer("ready", new Finding.Unhealthy("09:10 no database\nsince 08:59"));
        rig.pass(10);
        assertEquals(told + "09:00 no database; since 08:59", readyMessage(), "a status does not follow a clock");
        assertEquals(version + rig.events().size() - events, rig.store.resourceVersion());

        rig.checker.answer("ready", new Finding.Unhealthy("x".repeat(1000)));
        rig.pass(10);
        assertEquals(
                told.length() + 300 - "Readiness probe failed: ".length() + 3,
                readyMessage().length());

        rig.checker.answer("ready", new Finding.Unhealthy(""));
        rig.pass(10);
        assertEquals("containers with unready status: [main]", readyMessage(), "it has failed without a word");

        rig.checker.answer("ready", WELL);
        rig.pass(10);
        assertEquals("", readyMessage());
    }

    private String readyMessage() {
        return Conditions.find(rig.stored().status(), "Ready").orElseThrow().message();
    }

    @Test
    void the_delay_the_rhythm_and_the_thresholds_are_those_of_the_manifest() throws Exception {
        rig.pod("""
                containers:
                - name: main
                  image: a
                  readinessProbe:
                    {exec: {command: [ready]}, initialDelaySeconds: 5, periodSeconds: 3, successThreshold: 2}
                """);
        rig.settle();

        rig.pass(4);
        assertEquals(List.of(), rig.checker.asked());
        rig.pass(1);
        assertEquals(1, rig.checker.asked().size());
        assertReady(false);
        rig.pass(3);
        assertEquals(2, rig.checker.asked().size());
        assertReady(true);
    }

    @Test
    void a_failed_liveness_probe_ends_the_container_which_is_started_again() throws Exception {
        rig.checker.answer("alive", ILL);
        rig.pod("""
                restartPolicy: OnFailure
                containers:
                - {name: main, image: a, livenessProbe: {exec: {command: [alive]}, failureThreshold: 2, periodSeconds: 5}}
                """);
        rig.settle();

        rig.pass(4);
        assertEquals("0", rig.status("/containerStatuses/0/restartCount"));
        rig.checker.answer("alive", ILL);
        rig.pass(2);

        assertEquals("1", rig.status("/containerStatuses/0/restartCount"));
        rig.assertEvent("Warning Unhealthy: Liveness probe failed: no pulse");
        rig.assertEvent("Normal Killing: Container main failed liveness probe, will be restarted");
        assertTrue(rig.runtime.calls().contains("stop uid-2/main 15 PT30S"), rig.runtime.calls()::toString);
    }

    @Test
    void a_container_that_never_restarts_is_ended_for_good() throws Exception {
        rig.checker.answer("alive", ILL);
        rig.pod("""
                restartPolicy: Never
                containers:
                - {name: main, image: a, livenessProbe: {exec: {command: [alive]}, failureThreshold: 1}}
                """);
        rig.settle();

        rig.pass(1);

        assertEquals("Failed", rig.status("/phase"));
        rig.assertEvent("Normal Killing: Container main failed liveness probe");
    }

    @Test
    void a_probe_may_have_a_grace_period_of_its_own() throws Exception {
        rig.checker.answer("alive", ILL);
        rig.pod("""
                containers:
                - name: main
                  image: a
                  livenessProbe: {exec: {command: [alive]}, failureThreshold: 1, terminationGracePeriodSeconds: 3}
                """);
        rig.settle();

        rig.pass(1);

        assertTrue(rig.runtime.calls().contains("stop uid-2/main 15 PT3S"), rig.runtime.calls()::toString);
    }

    @Test
    void until_the_startup_probe_succeeds_nothing_else_is_asked() throws Exception {
        rig.checker.answer("started", ILL);
        rig.pod(all());
        rig.settle();

        rig.pass(3);
        assertEquals("false", rig.status("/containerStatuses/0/started"));
        assertReady(false);
        assertFalse(rig.checker.asked().contains("main ready"), rig.checker.asked()::toString);
        assertFalse(rig.checker.asked().contains("main alive"), rig.checker.asked()::toString);

        rig.checker.answer("started", WELL);
        rig.pass(3);

        assertEquals("true", rig.status("/containerStatuses/0/started"));
        assertReady(true);
        long asked = count("main started");
        rig.pass(10);
        assertEquals(asked, count("main started"));
        assertTrue(count("main alive") > 5);
    }

    @Test
    void a_container_that_does_not_start_is_ended_and_all_is_forgotten_with_it() throws Exception {
        rig.checker.answer("started", ILL);
        rig.pod(all());
        rig.settle();

        rig.pass(8);

        rig.assertEvent("Normal Killing: Container main failed startup probe, will be restarted");
        assertEquals("1", rig.status("/containerStatuses/0/restartCount"));
        assertEquals("false", rig.status("/containerStatuses/0/started"));
        rig.checker.answer("started", WELL);
        rig.pass(3);
        assertReady(true);
        rig.checker.answer("ready", ILL);
        rig.exit("main", 1);
        assertReady(false);
    }

    @Test
    void the_next_engine_takes_over_what_is_known() throws Exception {
        rig.pod(all());
        rig.settle();
        rig.pass(2);
        assertReady(true);
        long started = count("main started");

        rig.restartEngine();
        rig.settle();

        assertReady(true);
        rig.pass(5);
        assertReady(true);
        assertEquals(started, count("main started"));
        rig.checker.answer("ready", ILL);
        rig.pass(5);
        assertReady(false);
    }

    @Test
    void a_frozen_container_is_asked_nothing() throws Exception {
        rig.pod(all());
        rig.settle();
        rig.pass(2);

        desire("Paused");
        rig.settle();
        int asked = rig.checker.asked().size();
        rig.pass(60);

        assertEquals(asked, rig.checker.asked().size());
        assertEquals("false", rig.status("/containerStatuses/0/ready"));
        assertEquals("0", rig.status("/containerStatuses/0/restartCount"));
        desire("Running");
        rig.settle();
        assertReady(true);
        rig.pass(2);
        assertTrue(rig.checker.asked().size() > asked);
    }

    @Test
    void a_pod_on_its_way_out_is_asked_only_whether_it_is_ready() throws Exception {
        rig.runtime.behave(request -> new Behaviour.IgnoresSignals());
        rig.pod(all());
        rig.settle();
        rig.pass(2);

        rig.delete(Deletion.PLAIN);
        rig.settle();
        long alive = count("main alive");
        long ready = count("main ready");
        rig.checker.answer("ready", ILL);
        rig.pass(5);

        assertEquals(alive, count("main alive"));
        assertTrue(count("main ready") > ready);
        assertReady(false);
    }

    @Test
    void whoever_could_not_be_asked_stays_what_it_was() throws Exception {
        rig.pod(all());
        rig.settle();
        rig.pass(2);
        Finding unknown = new Finding.Unknown("no such program");
        rig.checker.answer("ready", unknown);
        rig.checker.answer("alive", unknown);

        rig.pass(30);

        assertReady(true);
        rig.assertEvent("Warning Unhealthy: Readiness probe errored and resulted in unknown state: no such program");
        assertEquals("0", rig.status("/containerStatuses/0/restartCount"));
    }

    @Test
    void the_next_container_waits_for_the_startup_probe_of_a_sidecar() throws Exception {
        rig.checker.answer("started", ILL);
        rig.pod("""
                initContainers:
                - name: side
                  image: a
                  restartPolicy: Always
                  startupProbe: {exec: {command: [started]}, periodSeconds: 1, failureThreshold: 60}
                containers: [{name: main, image: a}]
                """);
        rig.settle();

        rig.pass(5);
        assertEquals("PodInitializing", rig.status("/containerStatuses/0/state/waiting/reason"));
        assertEquals("Pending", rig.status("/phase"));
        rig.checker.answer("started", WELL);
        rig.pass(1);

        assertEquals("Running", rig.status("/phase"));
        assertTrue(Conditions.isTrue(rig.stored().status(), "Initialized"));
    }

    @Test
    void a_sidecar_that_is_down_holds_up_no_restart_of_the_others() throws Exception {
        rig.pod("""
                initContainers: [{name: side, image: a, restartPolicy: Always}]
                containers: [{name: main, image: a}]
                """);
        rig.settle();
        rig.exit("side", 1);
        rig.exit("side", 1);
        assertTrue(rig.state("side").contains("CrashLoopBackOff"), rig.state("side"));

        rig.exit("main", 1);

        assertTrue(rig.state("main").contains("running"), rig.state("main"));
    }

    @Test
    void sidecars_end_one_after_the_other_the_last_first() throws Exception {
        rig.pod("""
                initContainers:
                - {name: one, image: a, restartPolicy: Always}
                - {name: two, image: a, restartPolicy: Always}
                containers: [{name: main, image: a}]
                """);
        rig.settle();

        rig.delete(Deletion.PLAIN);
        rig.settle();

        assertEquals(
                List.of("main", "two", "one"),
                rig.runtime.calls().stream()
                        .filter(call -> call.startsWith("stop "))
                        .map(call -> call.split("[ /]")[2])
                        .toList());
        assertTrue(rig.find().isEmpty());
    }

    private static String all() {
        return """
                containers:
                - name: main
                  image: a
                  startupProbe: {exec: {command: [started]}, periodSeconds: 2, failureThreshold: 4}
                  readinessProbe: {exec: {command: [ready]}, periodSeconds: 1}
                  livenessProbe: {exec: {command: [alive]}, periodSeconds: 1}
                """;
    }

    private void desire(String state) throws ApiException {
        rig.patch("{metadata: {annotations: {%s: %s}}}".formatted(PodAnnotations.DESIRED_STATE, state));
    }

    private long count(String question) {
        return rig.checker.asked().stream().filter(question::equals).count();
    }

    private void assertReady(boolean isReady) {
        assertEquals(Boolean.toString(isReady), rig.status("/containerStatuses/0/ready"), "the container");
        assertEquals(isReady, Conditions.isTrue(rig.stored().status(), "Ready"), "the pod");
        assertEquals(isReady, Conditions.isTrue(rig.stored().status(), "ContainersReady"), "its containers");
    }
}
