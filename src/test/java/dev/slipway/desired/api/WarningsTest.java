package dev.slipway.desired.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.model.PodAnnotations;
import java.lang.reflect.Field;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarningsTest {
    @Test
    void an_annotation_of_the_own_group_that_nothing_reads_is_named_also_in_a_template() throws Exception {
        String annotations = "annotations: {slipway.dev/desired-sate: Paused, slipway.dev/cpuset: '0', a.example/b: c}";

        List<String> warnings = warnings("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web, %1$s}
                spec: {template: {metadata: {%1$s}}}
                """.formatted(annotations));

        String end = "annotations[slipway.dev/desired-sate]: unknown annotation, which nothing reads";
        assertEquals(List.of("metadata." + end, "spec.template.metadata." + end), warnings);
    }

    @Test
    void every_annotation_that_a_pod_may_have_is_known() throws Exception {
        for (Field each : PodAnnotations.class.getFields()) {
            assertEquals(
                    List.of(),
                    warnings("{apiVersion: v1, kind: Pod, metadata: {name: web, annotations: {%s: a}}, spec: {}}"
                            .formatted(each.get(null))));
        }
    }

    @Test
    void what_the_engine_notes_of_a_tag_on_a_deployment_is_known() throws Exception {
        assertEquals(List.of(), warnings("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web, annotations: {slipway.dev/followed-images: a}}
                spec: {template: {metadata: {annotations: {slipway.dev/pinned-images: a}}}}
                """));
    }

    @Test
    void a_container_that_gets_no_users_of_its_own_is_told_unless_that_is_meant() throws Exception {
        String container = """
                apiVersion: slipway.dev/v1alpha1
                kind: Container
                metadata: {name: web}
                spec: {image: a, hostPID: true, securityContext: {privileged: true}%s}
                """;

        assertEquals(
                List.of("spec.userNamespace: runs as the users of the host, because of hostPID,"
                        + " securityContext.privileged; mode: Host says that this is meant"),
                warnings(container.formatted("")));
        assertEquals(List.of(), warnings(container.formatted(", userNamespace: {mode: Host}")));
        String served = """
                apiVersion: slipway.dev/v1alpha1
                kind: Container
                metadata: {name: web}
                spec: {image: a, volumes: [{name: d, emptyDir: {}}, {name: n, nfs: {server: files, path: /a}}]}
                """;
        assertEquals(
                List.of("spec.userNamespace: runs as the users of the host, because of volumes[1].nfs; mode: Host says"
                        + " that this is meant"),
                warnings(served));
    }

    @Test
    void a_persistent_volume_of_a_source_that_is_not_mounted_here_is_told_so() throws Exception {
        String volume = """
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: data}
                spec: {storageClassName: manual, %s}
                """;

        assertEquals(
                1,
                warnings(volume.formatted("csi: {driver: a, volumeHandle: b}")).size());
        assertEquals(List.of(), warnings(volume.formatted("hostPath: {path: /srv}")));
    }

    private static List<String> warnings(String yaml) throws Exception {
        ObjectNode object = (ObjectNode) ObjectCodec.yaml().readTree(yaml);
        return Warnings.of(
                Catalog.kinds()
                        .find(
                                object.path("apiVersion").asText(),
                                object.path("kind").asText())
                        .orElseThrow(),
                object);
    }
}
