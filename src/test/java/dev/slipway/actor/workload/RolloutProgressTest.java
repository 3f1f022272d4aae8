package dev.slipway.actor.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.reconcile.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a Deployment says of a rollout that does not get on, and when; the node is played.
class RolloutProgressTest {
    @TempDir
    private Path folder = Path.of("");

    private WorkloadLab lab;

    @BeforeEach
    void open() throws IOException, ApiException {
        lab = new WorkloadLab(folder);
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void a_version_that_does_not_work_stops_the_rollout_and_is_told_when_its_time_is_over() throws Exception {
        lab.web(4, "one", "  progressDeadlineSeconds: 60\n");
        lab.untilQuiet();

        lab.image("broken");
        lab.settle();
        while (lab.node(pod -> pod.spec().at("/containers/0/image").asText().equals("one"))) {
            lab.pass(Duration.ofSeconds(1));
        }

        assertEquals(3, lab.pods("one").size(), "one of four may be missing");
        assertEquals(2, lab.pods("broken").size());
        assertEquals("True MinimumReplicasAvailable", lab.condition("Available"));
        assertInstanceOf(Result.Again.class, lab.round(WorkloadLab.WEB));
        lab.pass(Duration.ofSeconds(62));
        lab.round(WorkloadLab.WEB);
        assertEquals("False ProgressDeadlineExceeded", lab.condition("Progressing"));

        lab.image("one");
        lab.untilQuiet();
        assertEquals(4, lab.pods("one").size());
        assertEquals(0, lab.pods("broken").size());
        assertEquals("True NewReplicaSetAvailable", lab.condition("Progressing"));
    }

    @Test
    void a_version_of_which_no_pod_can_be_made_is_told_when_its_time_is_over_too() throws Exception {
        lab.web(1, "one", "  progressDeadlineSeconds: 60\n");
        lab.untilQuiet();
        lab.pass(Duration.ofSeconds(1));

        lab.image("two");
        lab.round(WorkloadLab.WEB);
        lab.closeNamespace(true);
        lab.settle();
        assertEquals("True NewReplicaSetCreated", lab.condition("Progressing"));
        assertEquals("True FailedCreate", lab.condition("ReplicaFailure"));
        lab.pass(Duration.ofSeconds(62));
        lab.round(WorkloadLab.WEB);

        assertEquals("False ProgressDeadlineExceeded", lab.condition("Progressing"));
        assertEquals(1, lab.pods("one").size(), "the old one goes on");
    }

    /// Somebody mends a version that has failed: the next has all of its time.
    @Test
    void each_version_has_a_clock_of_its_own() throws Exception {
        lab.web(4, "one", "  progressDeadlineSeconds: 60\n");
        lab.untilQuiet();
        lab.image("broken");
        stuck();
        lab.pass(Duration.ofSeconds(62));
        lab.round(WorkloadLab.WEB);
        assertEquals("False ProgressDeadlineExceeded", lab.condition("Progressing"));

        lab.image("broken too");
        lab.settle();
        assertTrue(lab.condition("Progressing").startsWith("True "), lab.condition("Progressing"));
        assertInstanceOf(Result.Again.class, lab.round(WorkloadLab.WEB));
    }

    /// While the pods of the version that failed go, the one that mends it has no set yet.
    @Test
    void what_became_of_a_version_is_not_told_of_the_next_that_waits_for_old_pods() throws Exception {
        lab.web(1, "one", "  strategy: {type: Recreate}\n  progressDeadlineSeconds: 60\n");
        lab.untilQuiet();
        lab.image("broken");
        stuck();
        lab.pass(Duration.ofSeconds(62));
        lab.round(WorkloadLab.WEB);
        assertEquals("False ProgressDeadlineExceeded", lab.condition("Progressing"));

        lab.image("mended");
        lab.round(WorkloadLab.WEB);
        assertEquals(2, lab.sets().size(), "old pods go first");
        assertEquals("True ReplicaSetUpdated", lab.condition("Progressing"));

        lab.pass(Duration.ofSeconds(62));
        lab.round(WorkloadLab.WEB);
        assertEquals("False ProgressDeadlineExceeded", lab.condition("Progressing"), "its time is limited too");
        lab.untilQuiet();
        assertEquals("True NewReplicaSetAvailable", lab.condition("Progressing"));
    }

    @Test
    void who_is_resumed_with_a_version_that_does_not_work_is_told_in_time() throws Exception {
        lab.web(4, "one", "  progressDeadlineSeconds: 60\n");
        lab.untilQuiet();
        lab.image("broken");
        stuck();
        lab.merge(WorkloadLab.WEB, "{spec: {paused: true}}");
        lab.settle();
        lab.pass(Duration.ofMinutes(5));
        lab.merge(WorkloadLab.WEB, "{spec: {paused: false}}");
        lab.settle();

        assertTrue(lab.condition("Progressing").startsWith("True "), lab.condition("Progressing"));
        assertInstanceOf(Result.Again.class, lab.round(WorkloadLab.WEB));
        lab.pass(Duration.ofSeconds(62));
        lab.round(WorkloadLab.WEB);
        assertEquals("False ProgressDeadlineExceeded", lab.condition("Progressing"));
    }

    /// Old pods that do not go keep a Deployment that recreates from its newest version: no round follows the
    /// other.
    @Test
    void who_waits_for_old_pods_beyond_its_time_rests() throws Exception {
        lab.web(1, "one", "  strategy: {type: Recreate}\n  progressDeadlineSeconds: 60\n");
        lab.untilQuiet();
        lab.image("two");
        lab.settle();
        lab.image("three");
        lab.settle();
        lab.pass(Duration.ofSeconds(70));

        for (int i = 0; i < 3; i++) {
            if (lab.round(WorkloadLab.WEB) instanceof Result.Again again) {
                assertTrue(again.after().compareTo(Duration.ofSeconds(1)) >= 0, again.toString());
            }
        }
    }

    /// The node lets only version `one` work, until nothing happens any more.
    private void stuck() {
        lab.settle();
        while (lab.node(pod -> pod.spec().at("/containers/0/image").asText().equals("one"))) {
            lab.pass(Duration.ofSeconds(1));
        }
    }
}
