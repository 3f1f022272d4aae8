package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.api.Written;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.YamlDocument;
import dev.slipway.desired.meta.YamlReader;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What users copy is right: the kinds accept every manifest of `examples`, and have nothing to remark.
class ExampleManifestsTest {
    private static final Path EXAMPLES = Path.of("examples");

    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private ObjectApi api;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder);
        api = new ObjectApi(store, Catalog.kinds(), InstantSource.system(), () -> UUID.randomUUID()
                .toString());
        accept("apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n");
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void a_manifest_of_an_example_is_accepted_without_a_warning(Path manifest) throws Exception {
        assertEquals(List.of(), accept(Files.readString(manifest)));
    }

    static List<Path> manifests() throws IOException {
        try (Stream<Path> files = Files.walk(EXAMPLES)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    /// @return warnings
    private List<String> accept(String yaml) throws Exception {
        List<String> warnings = new ArrayList<>();
        for (YamlDocument document : YamlReader.read(yaml.getBytes(StandardCharsets.UTF_8))) {
            ObjectNode object = (ObjectNode) document.tree();
            Kind kind = api.kinds()
                    .find(
                            object.path("apiVersion").asText(),
                            object.path("kind").asText())
                    .orElseThrow();
            Written written = api.create(kind, "default", object, WriteOptions.by("reader"));
            warnings.addAll(written.warnings());
        }
        return warnings;
    }
}
