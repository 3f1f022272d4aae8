package dev.slipway.door.gitops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StockManifestsTest {
    private static final Path MANIFESTS = Path.of("manifests");

    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private ApiApplier applier;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder.resolve("objects"));
        applier = new ApiApplier(new ObjectApi(store, Catalog.kinds(), InstantSource.system(), () -> UUID.randomUUID()
                .toString()));
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    @Test
    void what_every_host_has_exists_and_kinds_are_not_objects() throws Exception {
        StockManifests.apply(MANIFESTS, applier);

        assertEquals(
                List.of("default", "kube-system"),
                store.list(GroupResource.core("namespaces"), "").items().stream()
                        .map(namespace -> namespace.name())
                        .toList());
        assertEquals(
                List.of("local"),
                store.list(new GroupResource("storage.k8s.io", "storageclasses"), "").items().stream()
                        .map(storageClass -> storageClass.name())
                        .toList());
        assertEquals(3, store.resourceVersion());
    }

    @Test
    void a_second_start_writes_nothing() throws Exception {
        StockManifests.apply(MANIFESTS, applier);
        long version = store.resourceVersion();

        StockManifests.apply(MANIFESTS, applier);

        assertEquals(version, store.resourceVersion());
    }

    @Test
    void an_engine_that_is_not_whole_does_not_start() throws Exception {
        Path own = Files.createDirectory(folder.resolve("manifests"));
        assertThrows(IOException.class, () -> StockManifests.apply(own.resolve("missing"), applier));
        Files.writeString(own.resolve("a.yaml"), "apiVersion: v1\nkind: Namespace\nmetadata: {name: Not_A_Name}\n");

        IOException refused = assertThrows(IOException.class, () -> StockManifests.apply(own, applier));

        assertTrue(String.valueOf(refused.getMessage()).contains("a.yaml"), refused.getMessage());
        Files.writeString(own.resolve("a.yaml"), "apiVersion: v1\nkind: Nonsense\nmetadata: {name: x}\n");
        assertThrows(IOException.class, () -> StockManifests.apply(own, applier));
        Files.writeString(own.resolve("a.yaml"), "apiVersion: [\n");
        assertThrows(IOException.class, () -> StockManifests.apply(own, applier));
    }
}
