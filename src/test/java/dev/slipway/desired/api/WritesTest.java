package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.Golden;
import dev.slipway.desired.api.WriteOptions.FieldValidation;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Several writers and one object, a write a second: who owns what, who is refused, and what is stored in the end. A
/// step says `by` whom and by which `verb`; the first one's object names the kind.
class WritesTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    private Path folder = Path.of("");

    private final AtomicInteger seconds = new AtomicInteger();
    private ObjectStore store;
    private ObjectApi api;

    static List<Golden.Case> cases() throws IOException {
        return Golden.cases(WritesTest.class);
    }

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder);
        api = new ObjectApi(store, Catalog.kinds(), () -> START.plusSeconds(seconds.get()), () -> "uid");
        ObjectNode namespace = ObjectCodec.json().createObjectNode();
        namespace.putObject("metadata").put("name", "default");
        api.create(api.kinds().find("v1", "Namespace").orElseThrow(), "", namespace, WriteOptions.by("engine"));
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void writers_meet(Golden.Case each) throws Exception {
        List<ObjectNode> steps = each.documents("steps.yaml");
        JsonNode first = steps.getFirst().path("object");
        Kind kind = api.kinds()
                .find(first.path("apiVersion").asText(), first.path("kind").asText())
                .orElseThrow();
        ObjectKey key =
                Kinds.key(kind, "default", first.path("metadata").path("name").asText());
        ObjectNode out = ObjectCodec.json().createObjectNode();
        ArrayNode outcomes = out.putArray("steps");

        for (ObjectNode step : steps) {
            seconds.incrementAndGet();
            outcomes.add(write(kind, key, step));
        }

        store.get(key).ifPresent(object -> out.set("object", object.tree()));
        each.expect("out.yaml", out);
    }

    private String write(Kind kind, ObjectKey key, ObjectNode step) {
        JsonNode object = step.path("object");
        String verb = step.path("verb").asText();
        WriteOptions options = new WriteOptions(
                step.path("by").asText(),
                step.path("user").asText(),
                FieldValidation.STRICT,
                false,
                verb.equals("force"),
                step.path("subresource").asText());
        try {
            long before = store.resourceVersion();
            Written written =
                    switch (verb) {
                        case "create" -> api.create(kind, "default", (ObjectNode) object, options);
                        case "update" -> api.update(kind, key, (ObjectNode) object, options);
                        default -> api.patch(kind, key, patch(verb, object), options);
                    };
            boolean isUnchanged = store.resourceVersion() == before;
            return (written.created() ? "created" : isUnchanged ? "unchanged" : "written")
                    + (written.warnings().isEmpty() ? "" : " " + written.warnings());
        } catch (ApiException e) {
            return "%d %s: %s".formatted(e.code(), e.reason(), e.getMessage());
        }
    }

    private static Patch patch(String verb, JsonNode changes) {
        return switch (verb) {
            case "apply", "force" -> new Patch.Apply(changes);
            case "merge" -> new Patch.Merge(changes);
            case "strategic" -> new Patch.Strategic(changes);
            case "json" -> new Patch.Json(changes);
            default -> throw new IllegalArgumentException(verb);
        };
    }
}
