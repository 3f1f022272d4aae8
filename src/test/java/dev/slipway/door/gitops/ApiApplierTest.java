package dev.slipway.door.gitops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.YamlReader;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiApplierTest {
    private static final String MANAGER = "sync/test";
    private static final String CONFIG = "{apiVersion: v1, kind: ConfigMap, metadata: {name: conf}, data: {a: '1'}}";

    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private ObjectApi api;
    private ApiApplier applier;

    @BeforeEach
    void open() throws IOException {
        store = SqliteObjectStore.open(folder);
        api = new ObjectApi(store, Catalog.kinds(), Clock.systemUTC(), () -> UUID.randomUUID()
                .toString());
        applier = new ApiApplier(api);
        applied("{apiVersion: v1, kind: Namespace, metadata: {name: default}}");
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void the_same_declaration_again_writes_nothing() throws IOException {
        assertTrue(applied(CONFIG).changed());
        long version = store.resourceVersion();

        assertFalse(applied(CONFIG).changed());

        assertEquals(version, store.resourceVersion());
    }

    @Test
    void fields_of_others_stay_and_own_ones_are_taken_back() throws Exception {
        ObjectKey key = key(CONFIG);
        applied(CONFIG);
        Kind kind = api.kinds().find("v1", "ConfigMap").orElseThrow();
        ObjectNode edit = tree("{data: {a: edited, b: '2'}}");
        api.patch(kind, key, new Patch.Merge(edit), WriteOptions.by("kubectl-edit"));

        ApiObject object = applied(CONFIG).object();

        assertEquals("{\"a\":\"1\",\"b\":\"2\"}", object.tree().path("data").toString());
        assertTrue(object.metadata().path("managedFields").toString().contains(MANAGER));
    }

    @Test
    void what_is_wrong_is_refused_with_its_field_and_what_is_missing_may_come() throws IOException {
        ApplyOutcome.Refused unknown = refused(CONFIG.replace(", data:", ", dta:"));
        assertEquals("dta", unknown.field(), unknown.message());
        ApplyOutcome.Refused invalid =
                refused("{apiVersion: slipway.dev/v1alpha1, kind: Registry, metadata: {name: r}}");
        assertEquals("spec.host", invalid.field(), invalid.message());
        ApplyOutcome.Failed failed = assertInstanceOf(
                ApplyOutcome.Failed.class, apply(CONFIG.replace("name: conf", "name: conf, namespace: shop")));
        assertEquals("namespaces \"shop\" not found", failed.message());
    }

    @Test
    void an_unknown_kind_has_no_key() throws IOException {
        assertEquals(Optional.empty(), applier.keyOf(object("{apiVersion: v2, kind: Pod, metadata: {name: a}}")));
    }

    @Test
    void what_is_gone_already_is_deleted() throws IOException {
        applied(CONFIG);

        assertInstanceOf(DeleteOutcome.Deleted.class, applier.delete(key(CONFIG)));
        assertInstanceOf(DeleteOutcome.Deleted.class, applier.delete(key(CONFIG)));

        assertEquals(Optional.empty(), store.get(key(CONFIG)));
    }

    private ApplyOutcome.Applied applied(String yaml) throws IOException {
        return assertInstanceOf(ApplyOutcome.Applied.class, apply(yaml));
    }

    private ApplyOutcome.Refused refused(String yaml) throws IOException {
        return assertInstanceOf(ApplyOutcome.Refused.class, apply(yaml));
    }

    private ApplyOutcome apply(String yaml) throws IOException {
        return applier.apply(object(yaml), MANAGER);
    }

    private ObjectKey key(String yaml) throws IOException {
        return applier.keyOf(object(yaml)).orElseThrow();
    }

    private static ApiObject object(String yaml) throws IOException {
        return ApiObject.of(tree(yaml));
    }

    private static ObjectNode tree(String yaml) throws IOException {
        return (ObjectNode) YamlReader.read(yaml.getBytes(StandardCharsets.UTF_8))
                .getFirst()
                .tree();
    }
}
