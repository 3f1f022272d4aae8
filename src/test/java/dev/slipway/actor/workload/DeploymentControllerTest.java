package dev.slipway.actor.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.reconcile.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Deployments from one version of their pods to the next; the node is played.
class DeploymentControllerTest {
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
    void a_deployment_gets_a_set_with_its_pods() throws Exception {
        lab.web(3, "one", "");

        lab.untilQuiet();

        assertEquals(3, lab.pods("one").size());
        ApiObject set = lab.sets().getFirst();
        String hash = set.labels().get("pod-template-hash");
        assertEquals("web-" + hash, set.name());
        assertEquals(hash, lab.pods().getFirst().labels().get("pod-template-hash"));
        assertEquals("1", lab.web().annotations().get("deployment.kubernetes.io/revision"));
        assertEquals(3, lab.web().status().path("availableReplicas").asInt());
        assertEquals("True MinimumReplicasAvailable", lab.condition("Available"));
        assertEquals("True NewReplicaSetAvailable", lab.condition("Progressing"));
    }

    @Test
    void who_has_nothing_to_do_writes_nothing() throws Exception {
        lab.web(2, "one", "");
        lab.untilQuiet();
        long version = lab.web().resourceVersion();
        lab.pass(Duration.ofHours(1));

        assertEquals(Result.SETTLED, lab.round(WorkloadLab.WEB));

        assertEquals(version, lab.web().resourceVersion());
    }

    /// After each round, in whatever order: never fewer available than promised, never more pods than allowed.
    @ParameterizedTest
    @CsvSource({"4, 25%, 25%", "10, 30%, 0", "5, 0, 2", "1, 25%, 25%", "3, 0, 1%", "7, 100%, 100%"})
    void a_rolling_update_keeps_its_limits(int replicas, String surge, String unavailable) throws Exception {
        lab.web(
                replicas,
                "one",
                "  strategy: {rollingUpdate: {maxSurge: %s, maxUnavailable: %s}}\n".formatted(surge, unavailable));
        lab.untilQuiet();
        RolloutLimits limits = RolloutLimits.of(lab.web());
        Random order = new Random(replicas);

        lab.image("two");
        while (lab.pods("two").size() < replicas || !lab.pods("one").isEmpty()) {
            lab.settle(order, () -> assertWithin(limits));
            List<ApiObject> pods = new ArrayList<>(lab.pods());
            lab.node(pods.get(order.nextInt(pods.size())), pod -> true);
        }
        lab.untilQuiet();

        assertEquals(replicas, lab.pods("two").size());
        assertEquals("True NewReplicaSetAvailable", lab.condition("Progressing"));
        assertEquals("2", lab.web().annotations().get("deployment.kubernetes.io/revision"));
    }

    private void assertWithin(RolloutLimits limits) {
        List<ApiObject> active =
                lab.pods().stream().filter(PodAvailability::isActive).toList();
        long available = active.stream().filter(PodAvailability::isReady).count();
        assertTrue(available >= limits.fewestAvailable(), available + " are available");
        assertTrue(active.size() <= limits.most(), active.size() + " are there");
    }

    @Test
    void going_back_takes_the_set_that_there_was_and_a_new_number() throws Exception {
        lab.web(2, "one", "");
        lab.untilQuiet();
        String first = lab.sets().getFirst().name();
        lab.image("two");
        lab.untilQuiet();

        lab.image("one");
        lab.untilQuiet();

        assertEquals(2, lab.sets().size());
        assertEquals("3", lab.get(WorkloadLab.set(first)).annotations().get("deployment.kubernetes.io/revision"));
        assertEquals("3", lab.web().annotations().get("deployment.kubernetes.io/revision"));
        assertEquals(2, lab.pods("one").size());
    }

    @Test
    void only_so_many_old_versions_are_kept() throws Exception {
        lab.web(1, "one", "  revisionHistoryLimit: 1\n");
        for (String image : List.of("two", "three", "four")) {
            lab.untilQuiet();
            lab.image(image);
        }
        lab.untilQuiet();

        assertEquals(
                List.of("3", "4"),
                lab.sets().stream()
                        .map(set -> set.annotations().get("deployment.kubernetes.io/revision"))
                        .toList());
    }

    @Test
    void another_number_of_pods_is_no_other_version() throws Exception {
        lab.web(2, "one", "");
        lab.untilQuiet();

        lab.merge(WorkloadLab.WEB, "{spec: {replicas: 5}}");
        lab.untilQuiet();
        assertEquals(5, lab.pods("one").size());
        lab.merge(WorkloadLab.WEB, "{spec: {replicas: 0}}");
        lab.untilQuiet();

        assertEquals(0, lab.pods().size());
        assertEquals(1, lab.sets().size());
        assertTrue(lab.events().contains("ScalingReplicaSet"));
    }

    /// Ten pods in the middle of a rollout become thirty: both versions grow.
    @Test
    void scaling_in_the_middle_of_a_rollout_is_shared() throws Exception {
        lab.web(10, "one", "  strategy: {rollingUpdate: {maxSurge: 3, maxUnavailable: 2}}\n");
        lab.untilQuiet();
        lab.image("broken");
        lab.settle();
        while (lab.node(pod -> pod.spec().at("/containers/0/image").asText().equals("one"))) {
            assertTrue(lab.pods("one").size() >= 8);
        }
        assertEquals(8, lab.pods("one").size());
        assertEquals(5, lab.pods("broken").size());

        lab.merge(WorkloadLab.WEB, "{spec: {replicas: 30}}");
        lab.settle();

        assertEquals(33, lab.pods("one").size() + lab.pods("broken").size());
        assertEquals(20, lab.pods("one").size(), "8 of 13 is 20 of 33");
    }

    @Test
    void a_paused_deployment_rolls_only_when_it_is_resumed() throws Exception {
        lab.web(2, "one", "");
        lab.untilQuiet();
        lab.merge(WorkloadLab.WEB, "{spec: {paused: true}}");
        lab.image("two");
        lab.untilQuiet();
        assertEquals(0, lab.pods("two").size());
        assertEquals("Unknown DeploymentPaused", lab.condition("Progressing"));

        lab.merge(WorkloadLab.WEB, "{spec: {replicas: 3}}");
        lab.untilQuiet();
        assertEquals(3, lab.pods("one").size(), "it is scaled all the same");
        lab.merge(WorkloadLab.WEB, "{spec: {paused: false}}");
        lab.untilQuiet();

        assertEquals(3, lab.pods("two").size());
        assertEquals(0, lab.pods("one").size());
    }

    @Test
    void recreate_begins_when_the_last_old_pod_is_gone() throws Exception {
        lab.web(2, "one", "  strategy: {type: Recreate}\n");
        lab.untilQuiet();

        lab.image("two");
        lab.settle();
        assertEquals(2, lab.pods().size());
        assertTrue(lab.pods().stream().allMatch(pod -> pod.deletionTimestamp().isPresent()));
        assertEquals(0, lab.pods("two").size(), "those on their way out still are");
        assertTrue(lab.deployments().concerned(lab.pods().getFirst()).contains(WorkloadLab.WEB));
        lab.untilQuiet();

        assertEquals(2, lab.pods("two").size());
    }

    @Test
    void a_name_that_another_set_has_is_passed_by() throws Exception {
        lab.web(1, "one", "");
        String taken = "web-" + PodTemplate.of(lab.web()).hash(0);
        lab.create("""
                apiVersion: apps/v1
                kind: ReplicaSet
                metadata: {name: %s}
                spec:
                  replicas: 0
                  selector: {matchLabels: {app: other}}
                  template: {metadata: {labels: {app: other}}, spec: {containers: [{name: c, image: other}]}}
                """.formatted(taken));

        lab.untilQuiet();

        assertEquals(1, lab.pods("one").size());
        assertEquals(1, lab.web().status().path("collisionCount").asInt());
        assertEquals(0, lab.pods("other").size());
    }

    @Test
    void a_set_that_nobody_controls_is_adopted() throws Exception {
        lab.web(1, "one", "");
        lab.untilQuiet();
        ApiObject set = lab.sets().getFirst();
        lab.merge(WorkloadLab.set(set.name()), "{metadata: {ownerReferences: []}}");
        assertTrue(lab.deployments()
                .concerned(lab.get(WorkloadLab.set(set.name())))
                .contains(WorkloadLab.WEB));

        lab.untilQuiet();

        assertEquals(1, lab.sets().size());
        assertEquals(
                "web",
                lab.sets().getFirst().metadata().at("/ownerReferences/0/name").asText());
    }

    @Test
    void the_desired_state_of_a_deployment_is_its_pods() throws Exception {
        lab.web(2, "one", "");
        lab.untilQuiet();
        List<String> uids = lab.pods().stream().map(ApiObject::uid).toList();

        lab.merge(WorkloadLab.WEB, "{metadata: {annotations: {slipway.dev/desired-state: Paused}}}");
        lab.untilQuiet();
        lab.pods().forEach(pod -> assertEquals("Paused", pod.annotations().get("slipway.dev/desired-state")));
        lab.merge(
                WorkloadLab.WEB,
                "{metadata: {annotations: {slipway.dev/desired-state: Running}}, spec: {replicas: 3}}");
        lab.untilQuiet();

        lab.pods().forEach(pod -> assertEquals("Running", pod.annotations().get("slipway.dev/desired-state")));
        assertTrue(lab.pods().stream().map(ApiObject::uid).toList().containsAll(uids), "the pods stayed");
    }

    @Test
    void all_pods_stop_in_the_middle_of_a_rollout_and_none_when_somebody_goes_back() throws Exception {
        lab.web(4, "one", "");
        lab.untilQuiet();
        lab.image("broken");
        stuck();

        lab.merge(WorkloadLab.WEB, "{metadata: {annotations: {slipway.dev/desired-state: Stopped}}}");
        lab.untilQuiet();
        assertTrue(
                lab.pods().stream().allMatch(pod -> DesiredState.of(pod).word().equals("Stopped")));
        assertEquals(4, lab.pods("broken").size(), "nobody is served: the rollout needs no steps");
        assertEquals(0, lab.pods("one").size());

        lab.merge(WorkloadLab.WEB, "{metadata: {annotations: {slipway.dev/desired-state: null}}}");
        lab.untilQuiet();
        lab.sets()
                .forEach(
                        set -> assertEquals("Running", set.annotations().get("slipway.dev/desired-state"), set.name()));
        assertTrue(
                lab.pods().stream().allMatch(pod -> DesiredState.of(pod).word().equals("Running")));
    }

    /// The node lets only version `one` work, until nothing happens any more.
    private void stuck() {
        lab.settle();
        while (lab.node(pod -> pod.spec().at("/containers/0/image").asText().equals("one"))) {
            lab.pass(Duration.ofSeconds(1));
        }
    }

    @Test
    void one_that_is_being_deleted_makes_nothing() throws Exception {
        lab.web(2, "one", "");
        lab.merge(WorkloadLab.WEB, "{metadata: {finalizers: [example.org/kept]}}");
        lab.delete(WorkloadLab.WEB);

        lab.untilQuiet();

        assertEquals(List.of(), lab.sets());
        assertEquals(List.of("example.org/kept"), lab.web().finalizers());
        assertEquals(Result.SETTLED, lab.round(WorkloadLab.WEB));
    }
}
