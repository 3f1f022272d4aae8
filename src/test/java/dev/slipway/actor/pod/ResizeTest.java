package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.api.WriteOptions.FieldValidation;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.engine.runtime.FakeRuntime.Behaviour;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How containers come to other limits.
class ResizeTest {
    private static final String MORE = "{limits: {memory: 64Mi, cpu: 500m}, requests: {memory: 64Mi, cpu: 100m}}";

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
    void a_running_container_gets_other_limits_in_place() throws Exception {
        rig.pod(pod("[]"));
        rig.settle();
        assertEquals("32Mi", rig.status("/containerStatuses/0/resources/limits/memory"));
        assertEquals(0, updates());

        resize("resources: " + MORE, "resize");
        rig.settle();

        assertEquals(1, updates());
        assertEquals("64Mi", rig.status("/containerStatuses/0/resources/limits/memory"));
        assertEquals("100m", rig.status("/containerStatuses/0/allocatedResources/cpu"));
        assertEquals("0", rig.status("/containerStatuses/0/restartCount"));
        rig.restartEngine();
        rig.settle();
        assertEquals(1, updates());
    }

    @Test
    void limits_that_are_wanted_while_a_container_is_being_started_come_to_it() throws Exception {
        rig.pod(pod("[]"));
        AtomicBoolean isAsked = new AtomicBoolean();
        rig.runtime.behave(request -> {
            if (isAsked.compareAndSet(false, true)) {
                resizeOrFail("resources: " + MORE);
            }
            return new Behaviour.Runs();
        });

        rig.settle();

        assertEquals(1, updates());
        assertEquals("64Mi", rig.status("/containerStatuses/0/resources/limits/memory"));
    }

    @Test
    void an_image_that_is_wanted_while_a_container_is_being_started_comes_to_it() throws Exception {
        rig.pod(pod("[]"));
        AtomicBoolean isAsked = new AtomicBoolean();
        rig.runtime.behave(request -> {
            if (isAsked.compareAndSet(false, true)) {
                resizeOrFail("image: other");
            }
            return new Behaviour.Runs();
        });

        rig.settle();

        assertEquals("1", rig.status("/containerStatuses/0/restartCount"));
        assertEquals("other", rig.status("/containerStatuses/0/image"));
    }

    private void resizeOrFail(String fields) {
        try {
            resize(fields, "");
        } catch (ApiException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_container_that_wants_to_begin_again_with_them_does() throws Exception {
        rig.pod("restartPolicy: OnFailure\n"
                + pod("[{resourceName: memory, restartPolicy: RestartContainer}, {resourceName: cpu,"
                        + " restartPolicy: NotRequired}]"));
        rig.runtime.behave(request -> new Behaviour.Runs());
        rig.settle();

        resize("resources: {limits: {memory: 32Mi, cpu: 200m}, requests: {memory: 32Mi, cpu: 100m}}", "");
        rig.settle();
        assertEquals(1, updates());
        assertEquals("0", rig.status("/containerStatuses/0/restartCount"));

        resize("resources: " + MORE, "");
        rig.settle();

        assertEquals(1, updates());
        assertEquals("1", rig.status("/containerStatuses/0/restartCount"));
        assertEquals("64Mi", rig.status("/containerStatuses/0/resources/limits/memory"));
        rig.assertEvent("Normal Killing: Container main resize requires restart");
    }

    @Test
    void a_resize_changes_nothing_else() throws Exception {
        rig.pod(pod("[]"));

        resize("image: other, resources: " + MORE, "resize");

        assertEquals("a", rig.stored().spec().at("/containers/0/image").asText());
        assertEquals(
                "64Mi",
                rig.stored().spec().at("/containers/0/resources/limits/memory").asText());
    }

    @Test
    void only_cpu_and_memory_can_be_resized_and_a_request_stays_below_its_limit() throws Exception {
        rig.pod(pod("[]"));

        String other = "resources: {limits: {memory: 32Mi, ephemeral-storage: 1Gi}, requests: {memory: 32Mi}}";
        ApiException refused = assertThrows(ApiException.class, () -> resize(other, "resize"));
        assertTrue(refused.getMessage().contains("spec.containers[0].resources"), refused.getMessage());
        String upside = "resources: {limits: {memory: 32Mi}, requests: {memory: 64Mi}}";
        refused = assertThrows(ApiException.class, () -> resize(upside, "resize"));
        assertTrue(refused.getMessage().contains("must be less than or equal to memory limit"), refused.getMessage());
        assertFalse(rig.stored().spec().toString().contains("64Mi"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"resize", ""})
    void a_resize_does_not_make_a_pod_one_of_another_class_of_service(String subresource) throws Exception {
        rig.pod(pod("[]"));

        for (String resources : List.of(
                "{limits: {memory: 32Mi, cpu: 1}, requests: {memory: 32Mi, cpu: 1}}",
                "{limits: {memory: null}, requests: {memory: null}}")) {
            ApiException refused =
                    assertThrows(ApiException.class, () -> resize("resources: " + resources, subresource));

            assertEquals(422, refused.code());
            String message = String.valueOf(refused.getMessage());
            assertTrue(
                    message.endsWith("is invalid: spec: Invalid value: \"Burstable\": "
                            + "Pod QOS Class may not change as a result of resizing"),
                    message);
        }
    }

    private static String pod(String policy) {
        return "containers: [{name: main, image: a, resources: {limits: {memory: 32Mi}}, resizePolicy: %s}]"
                .formatted(policy);
    }

    private long updates() {
        return rig.runtime.calls().stream().filter("update uid-2/main"::equals).count();
    }

    private void resize(String fields, String subresource) throws ApiException {
        ObjectNode patch;
        try {
            patch = (ObjectNode)
                    ObjectCodec.yaml().readTree("{spec: {containers: [{name: main, %s}]}}".formatted(fields));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        rig.api.patch(
                rig.api.kinds().find(PodWriter.PODS).orElseThrow(),
                PodRig.podKey(),
                new Patch.Strategic(patch),
                new WriteOptions("test", "", FieldValidation.STRICT, false, false, subresource));
    }
}
