package dev.slipway.desired.kind.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.CommonRules;
import dev.slipway.desired.kind.Decoding;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.ModelFields;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.YamlDocument;
import dev.slipway.desired.meta.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Holds `manifests/` and `examples/` to the kinds. `-Dgolden.write` writes the definitions of our own kinds anew.
class ManifestsTest {
    private static final Path DEFINITIONS = Path.of("manifests/crds");
    private static final String HEADER =
            "# Generated from the classes in desired.model; ManifestsTest compares them.\n";

    static List<Kind> ownKinds() {
        return Catalog.kinds().all().stream().filter(ModelFields::isOwn).toList();
    }

    static List<Path> manifests() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String root : List.of("manifests", "examples")) {
            try (Stream<Path> found = Files.walk(Path.of(root))) {
                files.addAll(found.filter(path -> path.toString().endsWith(".yaml") && !path.startsWith(DEFINITIONS))
                        .sorted()
                        .toList());
            }
        }
        return files;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ownKinds")
    void a_definition_is_what_the_classes_say(Kind kind) throws IOException {
        String written = HEADER + ObjectCodec.yaml().writeValueAsString(CrdWriter.write(kind));

        if (System.getProperty("golden.write") != null) {
            Files.createDirectories(DEFINITIONS);
            Files.writeString(file(kind), written);
        }

        assertEquals(Files.readString(file(kind)), written);
    }

    @Test
    void there_are_no_other_definitions() throws IOException {
        Set<Path> expected = new TreeSet<>();
        ownKinds().forEach(kind -> expected.add(file(kind)));

        try (Stream<Path> files = Files.list(DEFINITIONS)) {
            assertEquals(expected, new TreeSet<>(files.toList()));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ownKinds")
    void a_definition_has_a_structural_schema(Kind kind) {
        List<String> faults = new ArrayList<>();

        JsonNode version = CrdWriter.write(kind).path("spec").path("versions").path(0);
        structural(version.path("schema").path("openAPIV3Schema"), kind.name().kind(), faults);

        assertEquals(List.of(), faults);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ownKinds")
    void every_field_of_our_own_is_described(Kind kind) {
        for (Class<?> model : List.of(kind.model(), kind.statusModel())) {
            for (var component : model.getRecordComponents()) {
                String description =
                        ModelFields.of(model).get(component.getName()).description();
                assertTrue(description.endsWith("."), model.getSimpleName() + "." + component.getName());
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("manifests")
    void a_manifest_is_accepted_and_every_field_in_it_enforced(Path file) throws Exception {
        for (YamlDocument document : YamlReader.read(Files.readAllBytes(file))) {
            ObjectNode object = (ObjectNode) document.tree();
            Kind kind = Catalog.kinds()
                    .find(
                            object.path("apiVersion").asText(),
                            object.path("kind").asText())
                    .orElseThrow();
            Findings findings = new Findings();
            Decoding decoding = Decoding.of(object, kind, false);
            kind.complete(object);
            if (kind.name().isNamespaced() && !object.path("metadata").has("namespace")) {
                object.withObject("/metadata").put("namespace", "default");
            }
            ApiObject candidate = ApiObject.of(object);

            CommonRules.validate(kind, candidate, null, findings);
            kind.validate(candidate, null, findings);

            assertEquals(List.of(), decoding.unknown());
            assertEquals(List.of(), decoding.mistyped());
            assertEquals(List.of(), findings.errors());
            assertEquals(List.of(), kind.ignoredFields(candidate));
        }
    }

    private static Path file(Kind kind) {
        return DEFINITIONS.resolve(kind.name().plural() + ".yaml");
    }

    /// Every value has a type or is int-or-string; keys of keyed lists are required or have a default.
    private static void structural(JsonNode schema, String path, List<String> faults) {
        if (!schema.has("type") && !schema.path("x-kubernetes-int-or-string").asBoolean()) {
            faults.add(path + " has no type");
        }
        for (JsonNode key : schema.path("x-kubernetes-list-map-keys")) {
            JsonNode items = schema.path("items");
            boolean isRequired = items.path("required").valueStream().anyMatch(key::equals);
            if (!isRequired && !items.path("properties").path(key.asText()).has("default")) {
                faults.add(path + " is keyed by " + key + ", which may be missing");
            }
        }
        schema.path("properties")
                .properties()
                .forEach(entry -> structural(entry.getValue(), path + "." + entry.getKey(), faults));
        if (schema.has("items")) {
            structural(schema.path("items"), path + "[]", faults);
        }
        if (schema.has("additionalProperties")) {
            structural(schema.path("additionalProperties"), path + "{}", faults);
        }
    }
}
