package dev.slipway.door.openapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.slipway.Catalog;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SchemaWriterTest {
    private final SchemaWriter writer = new SchemaWriter();

    @Test
    void a_pod_has_kubernetes_names_and_types() {
        ObjectNode reference = writer.reference(Pod.class);
        Map<String, ObjectNode> schemas = writer.schemas();

        assertEquals(
                "#/components/schemas/io.k8s.api.core.v1.Pod",
                reference.path("$ref").asText());
        JsonNode spec = schemas.get("io.k8s.api.core.v1.PodSpec").path("properties");
        assertEquals("boolean", spec.at("/hostNetwork/type").asText());
        assertEquals("int64", spec.at("/terminationGracePeriodSeconds/format").asText());
        assertEquals(
                "string", spec.at("/nodeSelector/additionalProperties/type").asText());
        assertEquals("name", spec.at("/containers/x-kubernetes-patch-merge-key").asText());
        assertEquals("atomic", spec.at("/tolerations/x-kubernetes-list-type").asText());
        JsonNode ports = schemas.get("io.k8s.api.core.v1.Container").at("/properties/ports");
        assertEquals(
                "[\"containerPort\",\"protocol\"]",
                ports.path("x-kubernetes-list-map-keys").toString());
        assertEquals(
                "#/components/schemas/io.k8s.api.core.v1.Container",
                spec.at("/containers/items/$ref").asText());
        JsonNode limits = schemas.get("io.k8s.api.core.v1.ResourceRequirements").at("/properties/limits");
        assertEquals(
                "#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity",
                limits.at("/additionalProperties/$ref").asText());
        JsonNode port = schemas.get("io.k8s.api.core.v1.HTTPGetAction").at("/properties/port");
        assertEquals(
                "#/components/schemas/io.k8s.apimachinery.pkg.util.intstr.IntOrString",
                port.path("$ref").asText());
        assertTrue(schemas.containsKey("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"));
    }

    @Test
    void descriptions_and_enumerations_come_from_the_model_of_own_kinds() {
        writer.object(kind("containers"));

        Map<String, ObjectNode> schemas = writer.schemas();
        JsonNode container = schemas.get("dev.slipway.v1alpha1.Container");
        assertEquals(
                "Container",
                container.at("/x-kubernetes-group-version-kind/0/kind").asText());
        JsonNode state = schemas.get("dev.slipway.v1alpha1.ContainerSpec").at("/properties/desiredState");
        assertEquals("[\"Running\",\"Stopped\",\"Paused\"]", state.path("enum").toString());
        assertTrue(state.path("description").asText().startsWith("Running, Stopped"), state.toString());
    }

    @Test
    void every_kind_can_be_described() {
        Catalog.kinds().all().forEach(writer::object);

        assertEquals(Set.of(), missing(writer.schemas()));
    }

    private static Kind kind(String plural) {
        return Catalog.kinds().all().stream()
                .filter(kind -> kind.name().plural().equals(plural))
                .findFirst()
                .orElseThrow();
    }

    private static Set<String> missing(Map<String, ObjectNode> schemas) {
        Set<String> missing = new TreeSet<>();
        schemas.values().forEach(schema -> schema.findValuesAsText("$ref").stream()
                .map(reference -> reference.substring("#/components/schemas/".length()))
                .filter(name -> !schemas.containsKey(name))
                .forEach(missing::add));
        return missing;
    }
}
