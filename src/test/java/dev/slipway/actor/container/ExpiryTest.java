package dev.slipway.actor.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExpiryTest {
    private static final Instant NOW = Instant.parse("2026-02-01T00:00:00Z");
    private static final String ENDED =
            "{phase: Failed, containerStatuses: " + "[{state: {terminated: {finishedAt: '2026-01-31T08:00:00Z'}}}]}";

    @Test
    void a_container_stays_for_its_time_after_its_end() throws Exception {
        assertEquals(Optional.of(Instant.parse("2026-01-31T09:30:00Z")), expiry("1h30m", ENDED));
        assertEquals(Optional.of(Instant.parse("2026-01-31T08:00:00Z")), expiry("0s", ENDED));
    }

    @Test
    void one_whose_run_does_not_tell_its_end_has_ended_with_its_readiness() throws Exception {
        String evicted =
                "{phase: Failed, conditions: [{type: Ready, status: 'False', lastTransitionTime: '2026-01-31T07:00:00Z'}]}";

        assertEquals(Optional.of(Instant.parse("2026-01-31T08:00:00Z")), expiry("1h", evicted));
    }

    @Test
    void one_that_says_nothing_or_has_not_finished_stays() throws Exception {
        assertEquals(Optional.empty(), expiry("", ENDED));
        assertEquals(Optional.empty(), expiry("1h", ENDED.replace("Failed", "Running")));
        assertEquals(Optional.empty(), expiry("1h", "{phase: Failed}"), "nobody knows since when");
        assertEquals(Optional.empty(), Expiry.of(container("1h"), Optional.empty()));
    }

    @Test
    void one_that_is_declared_stopped_stays_and_can_run_again() throws Exception {
        ApiObject running = ApiObject.of(tree("{metadata: {name: a, uid: u}, spec: {image: a, ttlAfterFinished: 0s}}"));
        ApiObject stopped = ApiObject.of(
                tree("{metadata: {name: a, uid: u}, spec: {image: a, ttlAfterFinished: 0s, desiredState: Stopped}}"));

        assertEquals(new ContainerAction.Expire(), action(running, podOf(running)));
        assertEquals(new ContainerAction.Nothing(), action(stopped, podOf(stopped)));
        assertInstanceOf(ContainerAction.DeletePod.class, action(running, podOf(stopped)), "another takes its place");
    }

    @Test
    void it_is_not_forgotten_while_an_image_or_a_volume_is_awaited() throws Exception {
        ApiObject finished =
                ApiObject.of(tree("{metadata: {name: a, uid: u}, spec: {image: a, ttlAfterFinished: 0s}}"));
        ApiObject another = ApiObject.of(tree("{metadata: {name: a, uid: u}, spec: {image: b, ttlAfterFinished: 0s}}"));
        ContainerImage awaited = new ContainerImage.Awaited("it is being built");

        assertEquals(new ContainerAction.Expire(), action(finished, podOf(finished), awaited, "Volume v is missing"));
        assertEquals(new ContainerAction.AwaitImage(), action(another, podOf(finished), awaited, ""));
    }

    @Test
    void one_that_a_directory_declares_stays_lest_it_runs_again() throws Exception {
        String declared = "{metadata: {managedFields: [{manager: sync/default}]}, spec: {ttlAfterFinished: 0s}}";
        String applied = declared.replace("sync/default", "kubectl");
        Optional<ApiObject> pod = Optional.of(ApiObject.of(tree("{status: " + ENDED + "}")));

        assertEquals(Optional.empty(), Expiry.of(ApiObject.of(tree(declared)), pod));
        assertTrue(Expiry.of(ApiObject.of(tree(applied)), pod).isPresent());
    }

    private static ContainerAction action(ApiObject container, ApiObject pod) {
        return action(container, pod, new ContainerImage.Known("a"), "");
    }

    private static ContainerAction action(ApiObject container, ApiObject pod, ContainerImage image, String missing) {
        return ContainerActions.compute(
                container, new ContainerActions.Around(Optional.of(pod), image, missing, false), NOW);
    }

    private static ApiObject podOf(ApiObject container) throws Exception {
        ObjectNode pod = ContainerPod.of(container, "a");
        pod.set("status", tree(ENDED));
        return ApiObject.of(pod);
    }

    private static Optional<Instant> expiry(String stay, String podStatus) throws Exception {
        return Expiry.of(container(stay), Optional.of(ApiObject.of(tree("{status: " + podStatus + "}"))));
    }

    private static ApiObject container(String stay) throws Exception {
        return ApiObject.of(tree("{spec: {ttlAfterFinished: '" + stay + "'}}"));
    }

    private static ObjectNode tree(String yaml) throws Exception {
        return (ObjectNode) ObjectCodec.yaml().readTree(yaml);
    }
}
