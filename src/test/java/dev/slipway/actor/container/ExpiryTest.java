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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertEquals(new ContainerAction.AwaitPodStop(), action(running, podOf(stopped)), "then it is started again");
    }

    @Test
    void one_that_is_to_begin_again_is_not_over() throws Exception {
        String spec = "spec: {image: a, ttlAfterFinished: 0s}}";
        ApiObject finished = ApiObject.of(tree("{metadata: {name: a, uid: u}, " + spec));
        ApiObject asked = ApiObject.of(tree("{metadata: {name: a, uid: u, annotations: "
                + "{slipway.dev/restarted-at: '2026-01-31T08:00:00Z'}}, "
                + spec));

        assertInstanceOf(ContainerAction.PatchPod.class, action(asked, podOf(finished)));
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

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            imageFrom: {kind: Tag, name: web}   | docker.io/acme/shop:latest@sha256:
            imageFrom: {kind: Image, name: web} | registry.example:5000/acme/shop:1.2@sha256:
            imageFrom: {kind: Image, name: web} | web@sha256:
            image: acme/shop                    | docker.io/acme/shop:latest@sha256:
            image: docker.io/acme/shop:1.2      | acme/shop:1.2@sha256:
            image: acme/shop:1.2                | acme/shop:1.2
            image: web                          | web
            """)
    void it_is_over_whatever_its_image_is_called(String source, String image) throws Exception {
        ApiObject finished = container(source, "args: [one]");
        String bound = image.endsWith(":") ? image + "a".repeat(64) : image;
        ContainerImage moved = new ContainerImage.Known("acme/shop@sha256:" + "b".repeat(64));

        ApiObject pod = podOf(finished, bound);

        assertEquals(new ContainerAction.Expire(), action(finished, pod, moved, ""));
        assertInstanceOf(
                ContainerAction.DeletePod.class,
                action(container(source, "args: [two]"), pod, moved, ""),
                "it changed");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            image: acme/shop:1.2                | image: acme/shop:1.3
            image: acme/shop:1.2                | image: acme/shops:1.2
            image: acme/shop:1.2                | image: registry.example/acme/shop:1.2
            image: acme/shop:1.2                | imageFrom: {kind: Tag, name: web}
            imageFrom: {kind: Tag, name: web}   | imageFrom: {kind: Tag, name: shop}
            imageFrom: {kind: Tag, name: web}   | imageFrom: {kind: Image, name: web}
            imageFrom: {kind: Tag, name: web}   | image: acme/shop
            """)
    void one_that_names_another_image_meanwhile_is_not_over(String before, String now) throws Exception {
        String more = "args: [], imagePullPolicy: Never";
        ApiObject pod = podOf(container(before, more), "acme/shop:1.2@sha256:" + "a".repeat(64));
        ContainerImage awaited = new ContainerImage.Awaited("it is being built");

        assertEquals(new ContainerAction.AwaitImage(), action(container(now, more), pod, awaited, ""));
    }

    @Test
    void a_run_that_does_not_tell_what_its_image_is_from_is_over_if_that_is_called_so() throws Exception {
        ApiObject finished = container("imageFrom: {kind: Image, name: web}", "args: []");
        ContainerImage known = new ContainerImage.Known("web@sha256:" + "b".repeat(64));
        ApiObject before = without(podOf(finished, "web@sha256:" + "a".repeat(64)), "image-from");
        ApiObject another = without(podOf(finished, "shop@sha256:" + "a".repeat(64)), "image-from");

        assertEquals(new ContainerAction.Expire(), action(finished, before, known, ""));
        assertInstanceOf(ContainerAction.DeletePod.class, action(finished, another, known, ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Image", "Tag"})
    void one_that_ran_the_image_of_a_name_is_not_over_when_the_object_of_that_name_is_to_run(String kind)
            throws Exception {
        ApiObject pod = podOf(container("image: web", "imagePullPolicy: Never"), "web");
        ApiObject changed = container("imageFrom: {kind: %s, name: web}".formatted(kind), "imagePullPolicy: Never");
        ContainerImage known = new ContainerImage.Known("web@sha256:" + "b".repeat(64));

        assertInstanceOf(ContainerAction.DeletePod.class, action(changed, pod, known, ""));
    }

    private static ApiObject without(ApiObject pod, String annotation) {
        ObjectNode tree = pod.tree().deepCopy();
        tree.withObject("/metadata/annotations").remove("slipway.dev/" + annotation);
        return ApiObject.of(tree);
    }

    private static ApiObject container(String source, String more) throws Exception {
        return ApiObject.of(
                tree("{metadata: {name: a, uid: u}, spec: {%s, %s, ttlAfterFinished: 0s}}".formatted(source, more)));
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
        return podOf(container, "a");
    }

    private static ApiObject podOf(ApiObject container, String image) throws Exception {
        ObjectNode pod = ContainerPod.of(container, image);
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
