package dev.slipway.actor.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.tag.TagConsumers;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.meta.ApiObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Deployments whose template uses the name of a Tag; the node is played.
class MovedTagTest {
    private static final String NAME = "acme/shop:1";
    private static final String ONE = "sha256:" + "1".repeat(64);
    private static final String TWO = "sha256:" + "2".repeat(64);
    private static final String THREE = "sha256:" + "3".repeat(64);

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

    /// A Deployment of two pods that run the first image.
    private void shop(String more) throws ApiException {
        lab.tag(more);
        lab.move(ONE);
        lab.web(2, NAME, "");
        lab.untilQuiet();
    }

    private int running(String digest) {
        return lab.pods(NAME + "@" + digest).size();
    }

    private String image() {
        return lab.web().spec().at("/template/spec/containers/0/image").asText();
    }

    @Test
    void a_tag_that_moves_is_a_rollout_within_the_limits() throws Exception {
        shop("");
        RolloutLimits limits = RolloutLimits.of(lab.web());
        lab.move(TWO);

        boolean busy = true;
        while (busy) {
            lab.settle(new Random(1), () -> assertTrue(running(ONE) + running(TWO) <= limits.most()));
            long ready = lab.pods().stream().filter(PodAvailability::isReady).count();
            assertTrue(ready >= limits.fewestAvailable(), () -> ready + " are ready");
            busy = lab.node(pod -> true);
        }

        assertEquals(List.of(0, 2), List.of(running(ONE), running(TWO)));
        assertEquals(2, lab.sets().size());
        assertEquals(NAME, image());
        assertEquals("2", lab.web().annotations().get(Revisions.REVISION));
        assertTrue(lab.events().contains("TagMoved"), () -> "" + lab.events());
    }

    @Test
    void a_pod_that_is_replaced_runs_what_the_others_of_its_set_run() throws Exception {
        shop("");
        lab.merge(WorkloadLab.WEB, "{spec: {paused: true}}");
        lab.move(TWO);
        lab.settle();

        lab.delete(WorkloadLab.pod(lab.pods().getFirst().name()));
        lab.untilQuiet();

        assertEquals(List.of(2, 0), List.of(running(ONE), running(TWO)));
    }

    @Test
    void who_goes_back_stays_there_until_the_tag_moves_again() throws Exception {
        shop("");
        lab.move(TWO);
        lab.untilQuiet();

        lab.undo(lab.sets().getFirst());
        lab.untilQuiet();
        assertEquals(List.of(2, 0), List.of(running(ONE), running(TWO)));
        assertEquals(2, lab.sets().size());
        lab.move(TWO);
        lab.untilQuiet();
        assertEquals(List.of(2, 0), List.of(running(ONE), running(TWO)));
        lab.move(THREE);
        lab.untilQuiet();

        assertEquals(2, running(THREE));
    }

    @Test
    void a_tag_that_goes_back_takes_the_deployment_back_to_the_set_it_had() throws Exception {
        shop("");
        lab.move(TWO);
        lab.settle();
        String bad = lab.sets().getLast().name();
        assertEquals(1, running(TWO));

        lab.move(ONE);
        lab.untilQuiet();

        assertEquals(List.of(2, 0), List.of(running(ONE), running(TWO)));
        assertEquals(2, lab.sets().size());
        assertEquals(0, Replicas.wanted(lab.get(WorkloadLab.set(bad))));
    }

    @Test
    void a_tag_that_does_not_roll_leaves_what_runs_and_rolls_when_it_may() throws Exception {
        shop(", rollout: {mode: Never}");
        lab.move(TWO);
        lab.merge(WorkloadLab.WEB, "{spec: {template: {metadata: {labels: {more: 'yes'}}}}}");
        lab.untilQuiet();
        assertEquals(2, running(ONE));

        lab.merge(WorkloadLab.TAG, "{spec: {rollout: {mode: Auto}}}");
        lab.untilQuiet();

        assertEquals(2, running(TWO));
    }

    @Test
    void another_name_is_bound_to_what_it_stands_for_or_to_nothing() throws Exception {
        shop("");

        lab.image("other");
        lab.untilQuiet();
        assertEquals(2, lab.pods("other").size());
        assertFalse(lab.web().toString().contains(ONE), () -> lab.web().toString());
        lab.image(NAME);
        lab.move(TWO);
        lab.untilQuiet();

        assertEquals(2, running(TWO));
    }

    @Test
    void where_no_tag_has_the_name_nothing_is_bound() throws Exception {
        lab.web(1, "acme/shop:2", "");
        lab.tag("");
        lab.move(ONE);

        lab.untilQuiet();

        assertEquals(1, lab.pods("acme/shop:2").size());
        assertTrue(lab.web().spec().at("/template/metadata/annotations").isMissingNode());
    }

    @Test
    void a_set_that_nobody_controls_is_not_rolled_and_its_pods_are_told_to_the_tag() throws Exception {
        lab.tag("");
        lab.move(ONE);
        lab.create("""
                apiVersion: apps/v1
                kind: ReplicaSet
                metadata: {name: lone}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: lone}}
                  template: {metadata: {labels: {app: lone}}, spec: {containers: [{name: c, image: '%s'}]}}
                """.formatted(NAME));
        lab.untilQuiet();
        List<String> pods = lab.pods().stream().map(ApiObject::uid).toList();
        assertEquals(2, lab.pods(NAME).size(), "bound to nothing: they get what the name means when they are made");

        lab.move(TWO);
        lab.untilQuiet();

        assertEquals(pods, lab.pods().stream().map(ApiObject::uid).toList());
        assertEquals(
                List.of("Pod", "Pod"),
                lab.consumers().stream().map(TagConsumers.Consumer::kind).toList());
        assertTrue(lab.consumers().stream().noneMatch(TagConsumers.Consumer::counts), "no rollout waits for them");
        lab.delete(WorkloadLab.pod(lab.pods().getFirst().name()));
        lab.untilQuiet();
        assertEquals(2, lab.pods(NAME).size());
    }

    @Test
    void a_tag_that_is_gone_changes_nothing() throws Exception {
        shop("");
        String set = lab.sets().getFirst().name();

        lab.delete(WorkloadLab.TAG);
        lab.merge(WorkloadLab.TAG, "{metadata: {finalizers: []}}");
        assertTrue(lab.find(WorkloadLab.TAG).isEmpty());
        lab.untilQuiet();

        assertEquals(2, running(ONE));
        assertEquals(List.of(set), lab.sets().stream().map(ApiObject::name).toList());
    }

    @Test
    void the_set_is_made_when_the_tag_points_at_an_image() throws Exception {
        lab.tag("");
        lab.web(2, NAME, "");
        lab.settle();
        assertEquals(List.of(), lab.sets());
        assertEquals("False DependencyNotReady", lab.condition("Progressing"));

        lab.move(ONE);
        assertEquals(List.of(WorkloadLab.WEB), lab.deployments().concerned(lab.get(WorkloadLab.TAG)));
        lab.untilQuiet();

        assertEquals(2, running(ONE));
        assertEquals(1, lab.sets().size());
        assertEquals("True NewReplicaSetAvailable", lab.condition("Progressing"));
    }

    @Test
    void the_tag_is_told_how_the_rollout_goes() throws Exception {
        shop("");
        assertEquals(List.of(true, true, false, ONE), standing());

        lab.move(TWO);
        lab.settle();
        assertEquals(List.of(false, true, false, TWO), standing());
        lab.pass(Duration.ofSeconds(601));
        lab.settle();
        assertEquals(List.of(false, true, true, TWO), standing());

        lab.move(ONE);
        lab.untilQuiet();
        assertEquals(List.of(true, true, false, ONE), standing());
        lab.merge(WorkloadLab.WEB, "{spec: {replicas: 0}}");
        assertFalse(lab.consumers().getFirst().counts(), "nothing is to run");
    }

    /// Whether it is ready, counts, has failed; and with what.
    private List<Object> standing() {
        assertEquals(1, lab.consumers().size(), "its pods are none besides");
        TagConsumers.Consumer consumer = lab.consumers().getFirst();
        assertEquals("Deployment", consumer.kind());
        return List.of(consumer.ready(), consumer.counts(), consumer.failed(), consumer.digest());
    }
}
