package dev.slipway.door.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostStatusTest {
    @TempDir
    private Path folder = Path.of("");

    private final Kinds kinds = Catalog.kinds();
    private ObjectStore store;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder);
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    @Test
    void what_rests_as_declared_is_named_and_no_problem() throws Exception {
        String rests = "annotations: {slipway.dev/desired-state: %s}";
        create("apps/v1", "Deployment", "paused", rests.formatted("Paused"), "spec: {replicas: 0}");
        create("apps/v1", "Deployment", "resumed", rests.formatted("Running"), "spec: {replicas: 0}");
        create("v1", "Pod", "stopped", rests.formatted("Stopped"), "status: {phase: Succeeded, conditions: [{}]}");
        create(
                "v1",
                "Pod",
                "controlled",
                rests.formatted("Stopped") + ", ownerReferences: [{controller: true}]",
                "status: {}");
        create(
                "slipway.dev/v1alpha1",
                "Container",
                "db",
                "generation: 1",
                "spec: {desiredState: Stopped}, status: {conditions: [{type: Ready, status: 'True'}]}");

        JsonNode status = new HostStatus(store, kinds, List.of()).document();

        assertEquals(ObjectCodec.yaml().readTree("""
                        - {object: pods/default/stopped, state: Stopped}
                        - {object: deployments.apps/default/paused, state: Paused}
                        - {object: containers.slipway.dev/default/db, state: Stopped}
                        """), status.path("atRest"));
        assertEquals(true, status.path("asDeclared").asBoolean(), status.toString());
    }

    private void create(String apiVersion, String kind, String name, String metadata, String rest) throws Exception {
        Kind found = kinds.find(apiVersion, kind).orElseThrow();
        String yaml = "{apiVersion: %s, kind: %s, metadata: {name: %s, namespace: default, uid: %s, %s}, %s}"
                .formatted(apiVersion, kind, name, name, metadata, rest);
        ApiObject object = ApiObject.of((ObjectNode) ObjectCodec.yaml().readTree(yaml));
        store.create(Kinds.key(found, "default", name), object);
    }
}
