package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.runtime.SandboxRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What holds across engines and hosts that stop.
class PodRecoveryTest {
    private static final String ONE = "containers: [{name: main, image: a}]";

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
    void the_pauses_survive_another_engine() throws Exception {
        rig.pod(ONE);
        rig.settle();
        rig.exit("main", 1);
        rig.exit("main", 1);
        rig.advance(Duration.ofSeconds(10));
        rig.exit("main", 1);
        assertEquals(
                "back-off 20s restarting failed container=main pod=web_default(uid-2)",
                rig.status("/containerStatuses/0/state/waiting/message"));

        rig.restartEngine();
        rig.advance(Duration.ofSeconds(19));
        assertEquals("CrashLoopBackOff", rig.status("/containerStatuses/0/state/waiting/reason"));
        rig.advance(Duration.ofSeconds(1));
        rig.restartEngine();
        rig.exit("main", 1);

        assertEquals(
                "back-off 40s restarting failed container=main pod=web_default(uid-2)",
                rig.status("/containerStatuses/0/state/waiting/message"));
        assertEquals("3", rig.status("/containerStatuses/0/restartCount"));
    }

    @Test
    void the_addresses_that_pods_ask_for_are_known_before_any_of_them_begins() throws Exception {
        rig.create(
                "{apiVersion: v1, kind: Pod, metadata: {name: dns, annotations: {slipway.dev/network-address: 10.88.1.5}},"
                        + " spec: {containers: [{name: main, image: a}]}}");
        rig.pod(ONE);

        rig.restartEngine();

        assertEquals(Set.of("10.88.1.5"), rig.actor().addresses());
    }

    @Test
    void what_containers_share_is_looked_after_before_each_start_and_not_between() throws Exception {
        List<SandboxRequest> asked = new ArrayList<>();
        rig.watchSandboxes(asked::add);
        rig.pod(ONE);
        rig.settle();
        int first = asked.size();
        rig.pass(5);
        assertEquals(first, asked.size());

        rig.exit("main", 1);

        assertEquals(first + 1, asked.size());
        assertEquals("1", rig.status("/containerStatuses/0/restartCount"));
    }

    @Test
    void how_often_it_was_started_again_in_a_row_survives_other_engines() throws Exception {
        counted(10);
        for (int i = 0; i < 10; i++) {
            rig.exit("main", 1);
            rig.restartEngine();
            rig.advance(Duration.ofMinutes(5));
            assertTrue(rig.state("main").contains("running"), rig.state("main"));
        }

        rig.restartEngine();
        rig.exit("main", 1);

        assertEquals("Failed", rig.status("/phase"));
        assertEquals("10", rig.status("/containerStatuses/0/restartCount"));
    }

    @Test
    void restarts_of_long_ago_and_pauses_without_an_engine_do_not_count() throws Exception {
        counted(2);
        for (int i = 0; i < 4; i++) {
            rig.advance(Duration.ofMinutes(11));
            rig.exit("main", 1);
        }
        rig.advance(Duration.ofMinutes(11));
        rig.runtime.exit(rig.name("main"), 1);
        rig.runtime.advance(Duration.ofMinutes(6));
        rig.restartEngine();
        rig.settle();
        assertEquals("5", rig.status("/containerStatuses/0/restartCount"));

        rig.restartEngine();
        rig.exit("main", 1);
        rig.advance(Duration.ofMinutes(5));

        assertEquals("6", rig.status("/containerStatuses/0/restartCount"));
        assertEquals("main=2", rig.stored().annotations().get(PodAnnotations.RESTART_STREAKS));
    }

    @Test
    void a_pod_of_before_its_restarts_were_noted_goes_on_with_those_that_its_status_tells() throws Exception {
        counted(3);
        for (int i = 0; i < 2; i++) {
            rig.exit("main", 1);
            rig.advance(Duration.ofMinutes(5));
        }
        rig.patch("{metadata: {annotations: {slipway.dev/restart-streaks: null}}}");

        rig.restartEngine();
        rig.settle();

        assertEquals("main=2", rig.stored().annotations().get(PodAnnotations.RESTART_STREAKS));
        rig.exit("main", 1);
        rig.advance(Duration.ofMinutes(5));
        rig.exit("main", 1);
        assertEquals("Failed", rig.status("/phase"));
        assertEquals("3", rig.status("/containerStatuses/0/restartCount"));
    }

    @Test
    void one_that_was_stopped_and_started_has_no_restarts_that_count_for_other_engines_either() throws Exception {
        counted(1);
        for (int i = 0; i < 2; i++) {
            state("Stopped");
            rig.advance(Duration.ofMinutes(6));
            state("Running");
        }
        assertEquals("2", rig.status("/containerStatuses/0/restartCount"));

        rig.restartEngine();
        rig.exit("main", 1);

        assertTrue(rig.state("main").contains("running"), rig.state("main"));
        assertEquals("main=1", rig.stored().annotations().get(PodAnnotations.RESTART_STREAKS));
    }

    private void state(String desired) throws Exception {
        rig.patch("{metadata: {annotations: {slipway.dev/desired-state: %s}}}".formatted(desired));
        rig.settle();
    }

    private void counted(int most) throws Exception {
        rig.create("""
                apiVersion: v1
                kind: Pod
                metadata: {name: web, annotations: {slipway.dev/max-restarts: "%d"}}
                spec: {restartPolicy: OnFailure, containers: [{name: main, image: a}]}
                """.formatted(most));
        rig.settle();
    }

    @Test
    void a_lost_sandbox_is_made_again_with_all_containers() throws Exception {
        rig.pod("initContainers: [{name: one, image: a}, {name: two, image: a}]\n" + ONE);
        rig.settle();
        rig.exit("one", 0);
        rig.exit("two", 0);

        rig.runtime.loseSandbox(rig.name("main").pod());
        rig.settle();
        rig.exit("one", 0);
        rig.exit("two", 0);

        assertEquals(
                List.of("one 0", "two 0", "main 0", "one 1", "two 1", "main 1"),
                rig.runtime.started().stream()
                        .map(request -> request.container().name() + " " + request.attempt())
                        .toList());
        assertEquals("Running", rig.status("/phase"));
        rig.assertEvent("Normal SandboxChanged: Pod sandbox changed, it will be killed and re-created.");
    }

    @Test
    void after_a_restart_of_the_host_what_ran_runs_again() throws Exception {
        rig.pod(ONE);
        rig.settle();

        rig.runtime.reboot();
        rig.restartEngine();
        rig.settle();

        assertEquals("1", rig.status("/containerStatuses/0/restartCount"));
        assertEquals("ContainerStatusUnknown", rig.status("/containerStatuses/0/lastState/terminated/reason"));
        assertTrue(rig.state("main").contains("running"), rig.state("main"));
    }

    @Test
    void exits_that_no_engine_saw_are_told_with_their_codes() throws Exception {
        rig.pod("restartPolicy: Never\n" + ONE);
        rig.settle();

        rig.runtime.exit(rig.name("main"), 5);
        rig.restartEngine();
        rig.settle();

        assertEquals("5", rig.status("/containerStatuses/0/state/terminated/exitCode"));
        assertEquals("Failed", rig.status("/phase"));
    }

    @Test
    void a_pod_that_was_deleted_while_no_engine_ran_is_ended_at_start() throws Exception {
        rig.pod(ONE);
        rig.settle();
        rig.delete(new Deletion(Optional.of(0L), "", "", Deletion.Propagation.BACKGROUND, false));

        rig.restartEngine();

        assertEquals(List.of(), rig.runtime.list());
    }
}
