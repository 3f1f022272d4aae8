package dev.slipway.door.openapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
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
    void every_reference_leads_to_a_schema() {
        writer.reference(Pod.class);
        Map<String, ObjectNode> schemas = writer.schemas();
        Set<String> missing = new TreeSet<>();

        schemas.values().forEach(schema -> schema.findValuesAsText("$ref").stream()
                .map(reference -> reference.substring("#/components/schemas/".length()))
                .filter(name -> !schemas.containsKey(name))
                .forEach(missing::add));

        assertEquals(Set.of(), missing);
    }

    @Test
    void descriptions_and_enumerations_come_from_annotations() {
        writer.reference(Ship.class);

        JsonNode ship = writer.schemas().get("dev.slipway.v1alpha1.Ship");
        assertEquals("floats", ship.path("description").asText());
        assertEquals("how it floats", ship.at("/properties/state/description").asText());
        assertEquals(
                "[\"Afloat\",\"Docked\"]", ship.at("/properties/state/enum").toString());
        assertEquals("date-time", ship.at("/properties/built/format").asText());
        JsonNode flag = ship.at("/properties/flag");
        assertEquals("what it shows", flag.path("description").asText());
        assertEquals(
                "#/components/schemas/io.k8s.api.core.v1.EnvVar",
                flag.at("/allOf/0/$ref").asText());
        assertFalse(ship.at("/properties/cargo/items").isMissingNode());
    }

    @JsonClassDescription("floats")
    record Ship(
            @JsonPropertyDescription("how it floats") State state,
            Instant built,
            @JsonPropertyDescription("what it shows") EnvVar flag,
            List<String> cargo) {
        enum State {
            Afloat,
            Docked
        }
    }
}
