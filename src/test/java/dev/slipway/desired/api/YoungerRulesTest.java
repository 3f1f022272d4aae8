package dev.slipway.desired.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Objects that were stored by an engine with fewer rules, and what is made of them.
class YoungerRulesTest {
    private static final WriteOptions ENGINE = WriteOptions.by("");
    private static final ObjectKey SET = new ObjectKey(new GroupResource("apps", "replicasets"), "default", "web");
    /// Neither the annotation nor the hostname is what it must be.
    private static final String TEMPLATE = "{metadata: {labels: {app: web}, annotations: {slipway.dev/cpuset: all}},"
            + " spec: {hostname: a.b, containers: [{name: c, image: a}]}}";

    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private ObjectApi api;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder);
        api = new ObjectApi(store, Catalog.kinds(), InstantSource.system(), () -> UUID.randomUUID()
                .toString());
        api.create(kind("v1", "Namespace"), "", tree("{metadata: {name: default}}"), ENGINE);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void a_stored_object_is_written_though_it_breaks_a_rule_and_no_further_one() throws Exception {
        stored();

        api.patch(kind("apps/v1", "ReplicaSet"), SET, merge("{spec: {replicas: 2}}"), ENGINE);

        assertEquals(2, store.get(SET).orElseThrow().spec().path("replicas").asInt());
        ApiException refused = assertThrows(
                ApiException.class,
                () -> api.patch(
                        kind("apps/v1", "ReplicaSet"),
                        SET,
                        merge("{spec: {template: {spec: {hostname: c.d, subdomain: e.f}}}}"),
                        ENGINE));
        String words = String.valueOf(refused.getMessage());
        assertTrue(words.contains("subdomain") && words.contains("c.d"), words);
    }

    @Test
    void a_pod_is_made_of_a_stored_template_though_it_breaks_a_rule_and_no_further_one() throws Exception {
        ApiObject set = stored();
        ObjectNode pod = tree(TEMPLATE);
        pod.withObject("/metadata").put("name", "web-1");

        assertThrows(ApiException.class, () -> api.create(kind("v1", "Pod"), "default", pod, ENGINE));
        ApiObject made =
                api.createOf(set, kind("v1", "Pod"), pod.deepCopy(), ENGINE).object();

        assertEquals("a.b", made.spec().path("hostname").asText());
        pod.withObject("/metadata").put("name", "web-2");
        pod.withObject("/spec").put("subdomain", "e.f");
        ApiException refused =
                assertThrows(ApiException.class, () -> api.createOf(set, kind("v1", "Pod"), pod, ENGINE));
        String words = String.valueOf(refused.getMessage());
        assertTrue(words.contains("subdomain"), words);
        assertFalse(words.contains("hostname:") || words.contains("cpuset"), words);
    }

    /// Past all rules.
    private ApiObject stored() throws Exception {
        ObjectNode set =
                tree("{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web, namespace: default, uid: u},"
                        + " spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: " + TEMPLATE + "}}");
        kind("apps/v1", "ReplicaSet").complete(set);
        return store.create(SET, ApiObject.of(set));
    }

    private Kind kind(String apiVersion, String kind) {
        return api.kinds().find(apiVersion, kind).orElseThrow();
    }

    private static Patch merge(String changes) throws IOException {
        return new Patch.Merge(tree(changes));
    }

    private static ObjectNode tree(String yaml) throws IOException {
        return (ObjectNode) ObjectCodec.yaml().readTree(yaml);
    }
}
