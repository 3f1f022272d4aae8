package dev.slipway.actor.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.Golden;
import dev.slipway.desired.kind.Decoding;
import dev.slipway.desired.kind.FieldError;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.kubernetes.PodKind;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.merge.MergePatch;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What Pod a Container gets, and when it needs another one.
class ContainerPodTest {
    private static final String IMAGE = "acme/web:latest@sha256:" + "a".repeat(64);

    static List<Golden.Case> cases() throws IOException {
        return Golden.cases(ContainerPodTest.class);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void a_container_becomes_a_pod(Golden.Case each) throws Exception {
        ApiObject container = ApiObject.of(each.document("in.yaml"));
        String image = container.spec().path("image").asText(IMAGE);

        ObjectNode pod = ContainerPod.of(container, image);

        Decoding decoding = Decoding.of(pod, Catalog.kinds().find("v1", "Pod").orElseThrow(), false);
        assertEquals(List.of(), decoding.unknown());
        assertEquals(List.of(), decoding.mistyped());
        each.expect("out.yaml", pod);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{spec: {args: [other]}}",
                "{spec: {restartPolicy: Never}}",
                "{spec: {hostNetwork: true}}",
                "{spec: {network: {mode: None}}}",
                "{spec: {network: {mode: Bridge, address: 10.88.1.5}}}",
                "{spec: {imageVolumes: Ignore}}",
                "{spec: {stop: {gracePeriodSeconds: 7}}}",
                "{spec: {env: null}}",
                "{spec: {volumes: [{name: v, volume: {name: another}}]}}"
            })
    void what_a_pod_cannot_change_needs_another_pod(String change) throws Exception {
        ApiObject pod = ApiObject.of(ContainerPod.of(container("{}"), IMAGE));

        assertFalse(ContainerPod.isSame(pod, ContainerPod.of(container(change), IMAGE)));
    }

    @Test
    void another_image_needs_another_pod() throws Exception {
        ApiObject pod = ApiObject.of(ContainerPod.of(container("{}"), IMAGE));

        assertFalse(ContainerPod.isSame(pod, ContainerPod.of(container("{}"), "acme/web:2")));
    }

    @Test
    void an_image_that_somebody_changed_in_the_pod_needs_another_pod() throws Exception {
        ObjectNode wanted = ContainerPod.of(container("{}"), IMAGE);
        ObjectNode changed = wanted.deepCopy();
        ((ObjectNode) changed.at("/spec/containers/0")).put("image", "other");

        assertFalse(ContainerPod.isSame(ApiObject.of(changed), wanted));
    }

    @Test
    void the_order_of_fields_says_nothing() throws Exception {
        ObjectNode one = tree("{a: 1, b: {c: 2, d: [3, 4]}}");
        ObjectNode two = tree("{b: {d: [3, 4], c: 2}, a: 1}");
        ApiObject first = container("{spec: {resources: {limits: %s}}}".formatted(one));
        ApiObject second = container("{spec: {resources: {limits: %s}}}".formatted(two));

        assertTrue(ContainerPod.isSame(ApiObject.of(ContainerPod.of(first, IMAGE)), ContainerPod.of(second, IMAGE)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{spec: {desiredState: Stopped}}",
                "{spec: {stop: {signal: SIGINT}}}",
                "{spec: {stop: {signal: null}}}",
                "{spec: {volumes: [{name: v, volume: {name: data, noCopy: true}}]}}",
                "{spec: {dependsOn: [{kind: Container, name: db, condition: Started}]}}",
                "{metadata: {annotations: {slipway.dev/restarted-at: \"2026-01-31T08:00:00Z\"}}}",
                "{metadata: {labels: {app: other, more: yes}}}",
                "{metadata: {labels: null}}"
            })
    void what_a_pod_can_change_is_patched(String change) throws Exception {
        ApiObject pod = ApiObject.of(ContainerPod.of(container("{}"), IMAGE));
        ObjectNode wanted = ContainerPod.of(container(change), IMAGE);

        assertTrue(ContainerPod.isSame(pod, wanted));
        ObjectNode patch = ContainerPod.changes(pod, wanted);

        assertFalse(patch.isEmpty());
        ApiObject patched = ApiObject.of((ObjectNode) MergePatch.apply(pod.tree(), patch));
        assertEquals(ApiObject.of(wanted).labels(), patched.labels());
        assertEquals(ApiObject.of(wanted).annotations(), patched.annotations());
        assertTrue(ContainerPod.changes(patched, wanted).isEmpty());
    }

    @Test
    void what_it_may_use_changes_in_place() throws Exception {
        String more = "{spec: {resources: {limits: {memory: 64Mi}, requests: {memory: 64Mi}}}}";
        ObjectNode pod = ContainerPod.of(container("{spec: {resources: {limits: {memory: 32Mi}}}}"), IMAGE);
        ((ObjectNode) pod.at("/spec/containers/0")).put("terminationMessagePath", "/dev/termination-log");
        ObjectNode wanted = ContainerPod.of(container(more), IMAGE);

        assertTrue(ContainerPod.isSame(ApiObject.of(pod), wanted));
        ObjectNode patched = (ObjectNode) MergePatch.apply(pod, ContainerPod.changes(ApiObject.of(pod), wanted));

        assertEquals(
                "64Mi", patched.at("/spec/containers/0/resources/limits/memory").asText());
        assertEquals(
                "/dev/termination-log",
                patched.at("/spec/containers/0/terminationMessagePath").asText());
        assertTrue(ContainerPod.changes(ApiObject.of(patched), wanted).isEmpty());
    }

    @Test
    void a_lower_limit_changes_in_place_where_only_limits_are_declared() throws Exception {
        ObjectNode pod = ContainerPod.of(container("{spec: {resources: {limits: {memory: 64Mi}}}}"), IMAGE);
        new PodKind().complete(pod);
        ObjectNode wanted = ContainerPod.of(container("{spec: {resources: {limits: {memory: 32Mi}}}}"), IMAGE);

        assertTrue(ContainerPod.isSame(ApiObject.of(pod), wanted));
        ObjectNode patched = (ObjectNode) MergePatch.apply(pod, ContainerPod.changes(ApiObject.of(pod), wanted));

        assertEquals(
                "{\"limits\":{\"memory\":\"32Mi\"},\"requests\":{\"memory\":\"32Mi\"}}",
                patched.at("/spec/containers/0/resources").toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{requests: {cpu: 0}}",
                "{limits: {memory: 64Mi, cpu: 1}}",
                "{limits: {memory: 64Mi, cpu: 1}, requests: {memory: 65536Ki, cpu: 1000m}}"
            })
    void what_makes_it_one_of_another_class_of_service_changes_in_place_as_well(String resources) throws Exception {
        ObjectNode pod = ContainerPod.of(container("{spec: {resources: {limits: {memory: 64Mi}}}}"), IMAGE);
        ObjectNode wanted = ContainerPod.of(container("{spec: {resources: %s}}".formatted(resources)), IMAGE);

        assertTrue(ContainerPod.isSame(ApiObject.of(pod), wanted));
        assertTrue(ContainerPod.isSame(ApiObject.of(wanted), pod));
        new PodKind().complete(pod);
        assertEquals(List.of(), update(pod, wanted));
        pod.withObject("/metadata").remove("ownerReferences");
        assertFalse(update(pod, wanted).isEmpty(), "a pod that is nobody's Container");
    }

    @Test
    void a_list_without_items_says_nothing() throws Exception {
        ApiObject bare = container("{spec: {env: null, args: null, volumes: null}}");
        ApiObject empty = container("{spec: {env: [], args: [], volumes: [], ports: [],"
                + " securityContext: {capabilities: {drop: []}}}}");
        ApiObject dropless =
                container("{spec: {env: null, args: null, volumes: null," + " securityContext: {capabilities: {}}}}");
        ObjectNode pod = ContainerPod.of(dropless, IMAGE);

        assertTrue(ContainerPod.isSame(ApiObject.of(pod), ContainerPod.of(empty, IMAGE)));
        assertTrue(ContainerPod.isSame(ApiObject.of(ContainerPod.of(empty, IMAGE)), pod));
        assertFalse(ContainerPod.isSame(ApiObject.of(ContainerPod.of(container("{}"), IMAGE)), pod));
        assertFalse(ContainerPod.isSame(
                ApiObject.of(ContainerPod.of(bare, IMAGE)),
                ContainerPod.of(
                        container("{spec: {env: null, args: null, volumes: [{name: v, emptyDir: {}}]}}"), IMAGE)));
    }

    /// Pods that are there may have been marked so.
    @Test
    void a_mark_in_which_such_a_list_counts_is_kept_up_to_date_without_another_pod() throws Exception {
        ObjectNode wanted = ContainerPod.of(container("{spec: {env: [], cpuset: '0'}}"), IMAGE);
        ObjectNode marked = wanted.deepCopy();
        String plain = SpecMark.plain((ObjectNode) wanted.path("spec"), "Persist slipway.dev/cpuset=0");
        marked.withObject("/metadata/annotations").put(SpecMark.ANNOTATION, plain);
        ApiObject pod = ApiObject.of(marked);

        assertFalse(ContainerPod.changes(pod, wanted).isEmpty());
        assertTrue(ContainerPod.isSame(pod, wanted));
        assertFalse(ContainerPod.isSame(pod, ContainerPod.of(container("{spec: {env: []}}"), IMAGE)));
        ObjectNode patched = (ObjectNode) MergePatch.apply(marked, ContainerPod.changes(pod, wanted));
        assertTrue(ContainerPod.changes(ApiObject.of(patched), wanted).isEmpty());
    }

    private static List<FieldError> update(ObjectNode pod, ObjectNode wanted) {
        Findings findings = new Findings();
        ObjectNode patched = (ObjectNode) MergePatch.apply(pod, ContainerPod.changes(ApiObject.of(pod), wanted));
        new PodKind().complete(patched);
        new PodKind().validate(ApiObject.of(patched), ApiObject.of(pod), findings);
        return findings.errors();
    }

    @Test
    void annotations_of_others_stay() throws Exception {
        ObjectNode wanted = ContainerPod.of(container("{}"), IMAGE);
        ObjectNode annotated = wanted.deepCopy();
        annotated.withObject("/metadata").withObject("/annotations").put("kubectl.kubernetes.io/restartedAt", "now");

        assertTrue(ContainerPod.changes(ApiObject.of(annotated), wanted).isEmpty());
    }

    private static ApiObject container(String change) throws Exception {
        ObjectNode base = tree("""
                {metadata: {name: web, namespace: default, uid: u, labels: {app: web}},
                 spec: {args: [one], env: [{name: A, value: b}], stop: {signal: SIGHUP, gracePeriodSeconds: 3},
                        restartPolicy: Always, imageVolumes: Persist, desiredState: Running,
                        volumes: [{name: v, volume: {name: data}}]}}
                """);
        return ApiObject.of((ObjectNode) MergePatch.apply(base, tree(change)));
    }

    private static ObjectNode tree(String yaml) throws Exception {
        return (ObjectNode) ObjectCodec.yaml().readTree(yaml);
    }
}
