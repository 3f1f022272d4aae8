package dev.slipway.actor.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sets and their pods; the node is played.
class ReplicaSetControllerTest {
    private static final ObjectKey KEY = WorkloadLab.set("box");

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
    void as_many_pods_are_as_the_set_says() throws Exception {
        box(3, "");
        lab.untilQuiet();
        assertEquals(3, lab.pods().size());
        assertEquals(3, lab.get(KEY).status().path("readyReplicas").asInt());
        ApiObject gone = lab.pods().getFirst();

        lab.delete(WorkloadLab.pod(gone.name()));
        lab.untilQuiet();

        assertEquals(3, lab.pods().size());
        assertTrue(lab.find(WorkloadLab.pod(gone.name())).isEmpty());
        assertTrue(lab.events().contains("SuccessfulCreate"));
    }

    @Test
    void who_is_too_many_goes_by_use() throws Exception {
        box(4, "");
        lab.untilQuiet();
        List<ApiObject> pods = lab.pods();
        lab.report(pods.get(2), "Running", false);
        lab.merge(
                WorkloadLab.pod(pods.get(1).name()),
                "{metadata: {annotations: {controller.kubernetes.io/pod-deletion-cost: '-1'}}}");

        lab.merge(KEY, "{spec: {replicas: 3}}");
        lab.untilQuiet();
        assertTrue(lab.find(WorkloadLab.pod(pods.get(2).name())).isEmpty(), "the one that is not ready");
        lab.merge(KEY, "{spec: {replicas: 2}}");
        lab.untilQuiet();

        assertTrue(lab.find(WorkloadLab.pod(pods.get(1).name())).isEmpty(), "the one that costs least");
        assertEquals(2, lab.pods().size());
    }

    @Test
    void pods_with_its_labels_are_adopted_and_those_without_released() throws Exception {
        lab.create("""
                {apiVersion: v1, kind: Pod, metadata: {name: lone, labels: {app: box}},
                 spec: {containers: [{name: c, image: box}]}}""");
        box(2, "");
        assertTrue(lab.replicaSets().concerned(lab.get(WorkloadLab.pod("lone"))).contains(KEY));
        lab.untilQuiet();
        assertEquals(2, lab.pods().size(), "the one that there was is one of them");

        lab.merge(WorkloadLab.pod("lone"), "{metadata: {labels: {app: other}}}");
        lab.untilQuiet();

        assertEquals(3, lab.pods().size());
        assertTrue(lab.get(WorkloadLab.pod("lone"))
                .metadata()
                .path("ownerReferences")
                .isEmpty());
    }

    @Test
    void a_pod_of_somebody_else_is_left_alone() throws Exception {
        lab.create("""
                {apiVersion: v1, kind: Pod, spec: {containers: [{name: c, image: box}]},
                 metadata: {name: theirs, labels: {app: box}, ownerReferences: [
                  {apiVersion: v1, kind: Node, name: x, uid: other, controller: true}]}}""");
        box(1, "");

        lab.untilQuiet();

        assertEquals(2, lab.pods().size());
    }

    @Test
    void a_pod_that_has_ended_is_replaced_after_a_pause_and_only_the_latest_is_kept() throws Exception {
        box(1, "");
        for (int i = 0; i < 3; i++) {
            lab.untilQuiet();
            lab.pass(Duration.ofSeconds(4));
            lab.report(living().getFirst(), "Failed", false);
            lab.untilQuiet();
            assertEquals(List.of(), living(), "it has begun four seconds ago");
            assertEquals(new Result.Again(Duration.ofSeconds(6)), lab.round(KEY));
            lab.pass(Duration.ofSeconds(6));
        }
        lab.untilQuiet();

        assertEquals(1, living().size());
        assertEquals(1, lab.pods().stream().filter(PodAvailability::hasEnded).count());
    }

    @Test
    void pods_of_others_that_have_ended_are_left_to_them() throws Exception {
        for (String name : List.of("one", "two")) {
            ApiObject pod = lab.create("""
                    {apiVersion: v1, kind: Pod, metadata: {name: %s, labels: {app: box}},
                     spec: {restartPolicy: Never, containers: [{name: c, image: box}]}}""".formatted(name));
            lab.report(pod, "Succeeded", false);
        }
        lab.pass(Duration.ofMinutes(1));
        box(1, "");

        lab.untilQuiet();

        assertEquals(3, lab.pods().size());
        assertTrue(lab.get(WorkloadLab.pod("one"))
                .metadata()
                .path("ownerReferences")
                .isEmpty());
    }

    /// In between it is looked again whether there shall still be so many.
    @Test
    void a_round_makes_and_deletes_so_many_pods_and_no_more() throws Exception {
        box(120, "");
        assertEquals(new Result.Again(Duration.ZERO), lab.round(KEY));
        assertEquals(50, lab.pods().size());
        lab.merge(KEY, "{spec: {replicas: 60}}");
        assertEquals(Result.SETTLED, lab.round(KEY));
        assertEquals(60, lab.pods().size());

        lab.merge(KEY, "{spec: {replicas: 0}}");
        assertEquals(new Result.Again(Duration.ZERO), lab.round(KEY));
        assertEquals(10, living().size());
        lab.untilQuiet();
        assertEquals(List.of(), lab.pods());
    }

    /// Who has been orphaned goes on without an owner, also when a round has seen the owner before.
    @Test
    void what_was_left_to_nobody_is_not_adopted_by_who_is_gone() throws Exception {
        box(1, "");
        lab.untilQuiet();
        ApiObject set = lab.get(KEY);
        lab.merge(WorkloadLab.pod(lab.pods().getFirst().name()), "{metadata: {ownerReferences: []}}");
        lab.delete(KEY);

        lab.claim(set);

        assertTrue(lab.pods().getFirst().metadata().path("ownerReferences").isEmpty());
    }

    @Test
    void a_pod_counts_as_available_when_it_was_ready_for_long_enough() throws Exception {
        box(1, "  minReadySeconds: 10\n");
        lab.settle();
        lab.node(pod -> true);
        assertEquals(1, lab.get(KEY).status().path("readyReplicas").asInt());
        assertEquals(0, lab.get(KEY).status().path("availableReplicas").asInt());
        assertEquals(new Result.Again(Duration.ofSeconds(10)), lab.round(KEY));

        lab.pass(Duration.ofSeconds(10));

        assertEquals(Result.SETTLED, lab.round(KEY));
        assertEquals(1, lab.get(KEY).status().path("availableReplicas").asInt());
    }

    @Test
    void pods_that_cannot_be_made_are_told() throws Exception {
        box(1, "");
        lab.closeNamespace(true);

        assertInstanceOf(Result.Waiting.class, lab.round(KEY));
        long version = lab.get(KEY).resourceVersion();
        assertTrue(Conditions.isTrue(lab.get(KEY).status(), "ReplicaFailure"));
        assertInstanceOf(Result.Waiting.class, lab.round(KEY));
        assertEquals(version, lab.get(KEY).resourceVersion(), "it is told once");
        assertTrue(lab.events().contains("FailedCreate"));

        lab.closeNamespace(false);
        lab.untilQuiet();
        assertEquals(1, lab.pods().size());
        assertFalse(Conditions.isTrue(lab.get(KEY).status(), "ReplicaFailure"));
    }

    private List<ApiObject> living() {
        return lab.pods().stream().filter(PodAvailability::isActive).toList();
    }

    private void box(int replicas, String more) throws ApiException {
        lab.create("""
                apiVersion: apps/v1
                kind: ReplicaSet
                metadata: {name: box}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: box}}
                  template: {metadata: {labels: {app: box}}, spec: {containers: [{name: c, image: box}]}}
                """.formatted(replicas) + more);
    }
}
