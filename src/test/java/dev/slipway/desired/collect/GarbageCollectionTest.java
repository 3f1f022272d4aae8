package dev.slipway.desired.collect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.Deletion.Propagation;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.reconcile.TimerDelays;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GarbageCollectionTest {
    private static final WriteOptions ALICE = WriteOptions.by("alice");

    @TempDir
    private Path folder = Path.of("");

    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final TimerDelays delays = new TimerDelays();
    private ObjectStore store;
    private ObjectApi api;
    private GarbageCollection collection;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder);
        api = new ObjectApi(store, Catalog.kinds(), InstantSource.system(), () -> UUID.randomUUID()
                .toString());
        collection = new GarbageCollection(api, new Schedule(InstantSource.system(), delays, workers));
        create("Namespace", "default", "{}");
    }

    @AfterEach
    void close() throws IOException {
        collection.close();
        delays.close();
        workers.close();
        store.close();
    }

    @Test
    void a_dependent_goes_after_its_owner() throws Exception {
        collection.start();
        ApiObject owner = create("ConfigMap", "owner", "{}");
        create("ConfigMap", "dependent", owned(owner));
        create("ConfigMap", "of-dependent", owned(get("dependent").orElseThrow()));

        delete("owner", Propagation.BACKGROUND);

        await(
                "all are gone",
                () -> get("dependent").isEmpty() && get("of-dependent").isEmpty());
    }

    @Test
    void a_dependent_with_another_owner_stays_and_forgets_the_one_that_went() throws Exception {
        collection.start();
        ApiObject going = create("ConfigMap", "going", "{}");
        ApiObject staying = create("ConfigMap", "staying", "{}");
        create("ConfigMap", "dependent", "[%s, %s]".formatted(reference(going), reference(staying)));

        delete("going", Propagation.BACKGROUND);

        await(
                "one owner is left",
                () -> get("dependent")
                                .orElseThrow()
                                .metadata()
                                .path("ownerReferences")
                                .size()
                        == 1);
    }

    @Test
    void an_owner_that_goes_in_the_foreground_waits_for_its_dependents() throws Exception {
        collection.start();
        ApiObject owner = create("ConfigMap", "owner", "{}");
        create("ConfigMap", "dependent", owned(owner));
        patch("dependent", "{metadata: {finalizers: [a.b/wait]}}");

        delete("owner", Propagation.FOREGROUND);
        await(
                "the dependent is going",
                () -> get("dependent").orElseThrow().deletionTimestamp().isPresent());
        assertTrue(get("owner").isPresent());
        patch("dependent", "{metadata: {finalizers: null}}");

        await("both are gone", () -> get("owner").isEmpty() && get("dependent").isEmpty());
    }

    @Test
    void orphans_stay_without_a_reference() throws Exception {
        collection.start();
        ApiObject owner = create("ConfigMap", "owner", "{}");
        create("ConfigMap", "dependent", owned(owner));

        delete("owner", Propagation.ORPHAN);

        await("the owner is gone", () -> get("owner").isEmpty());
        assertTrue(get("dependent")
                .orElseThrow()
                .metadata()
                .path("ownerReferences")
                .isEmpty());
    }

    @Test
    void another_object_of_the_owners_name_is_not_the_owner() throws Exception {
        collection.start();
        create("ConfigMap", "owner", "{}");

        create("ConfigMap", "dependent", "[{apiVersion: v1, kind: ConfigMap, name: owner, uid: other}]");

        await("the dependent is gone", () -> get("dependent").isEmpty());
    }

    @Test
    void an_owner_of_an_unknown_kind_counts_as_there() throws Exception {
        collection.start();
        create("ConfigMap", "dependent", "[{apiVersion: apps/v9, kind: Fleet, name: f, uid: u}]");
        ApiObject known = create("ConfigMap", "known", "{}");
        create("ConfigMap", "marker", owned(known));

        delete("known", Propagation.BACKGROUND);

        await("the marker is gone", () -> get("marker").isEmpty());
        assertTrue(get("dependent").isPresent());
    }

    @Test
    void what_was_missed_while_nobody_listened_is_done_at_start() throws Exception {
        ApiObject owner = create("ConfigMap", "owner", "{}");
        create("ConfigMap", "dependent", owned(owner));
        delete("owner", Propagation.BACKGROUND);

        collection.start();

        await("the dependent is gone", () -> get("dependent").isEmpty());
    }

    @Test
    void a_namespace_goes_with_everything_in_it() throws Exception {
        collection.start();
        create("Namespace", "shop", "{}");
        create("shop", "ConfigMap", "conf", "{metadata: {name: conf, finalizers: [a.b/wait]}}");
        create("shop", "Pod", "web", "{metadata: {name: web}, spec: {containers: [{name: main, image: nginx}]}}");

        api.delete(kind("Namespace"), key("", "Namespace", "shop"), Deletion.PLAIN);

        await("the pod is going", () -> store.get(key("shop", "Pod", "web"))
                .orElseThrow()
                .deletionTimestamp()
                .isPresent());
        ApiException refused =
                assertThrows(ApiException.class, () -> create("shop", "ConfigMap", "late", "{metadata: {name: late}}"));
        assertEquals(403, refused.code());
        ApiObject pod = store.get(key("shop", "Pod", "web")).orElseThrow();
        api.remove(key("shop", "Pod", "web"), pod.uid());
        assertTrue(store.get(key("", "Namespace", "shop")).isPresent());
        ObjectKey conf = key("shop", "ConfigMap", "conf");
        api.patch(kind("ConfigMap"), conf, new Patch.Merge(tree("{metadata: {finalizers: null}}")), ALICE);

        await("the namespace is gone", () -> store.get(key("", "Namespace", "shop"))
                .isEmpty());
    }

    @Test
    void the_default_namespace_stays() {
        ApiException refused = assertThrows(
                ApiException.class,
                () -> api.delete(kind("Namespace"), key("", "Namespace", "default"), Deletion.PLAIN));

        assertEquals("namespaces \"default\" is forbidden: this namespace may not be deleted", refused.getMessage());
    }

    /// @param owners a YAML list, or an empty map for none
    private ApiObject create(String kind, String name, String owners) throws ApiException {
        String references = owners.equals("{}") ? "" : ", ownerReferences: " + owners;
        return create("default", kind, name, "{metadata: {name: %s%s}}".formatted(name, references));
    }

    private ApiObject create(String namespace, String kind, String name, String yaml) throws ApiException {
        return api.create(kind(kind), namespace, tree(yaml), ALICE).object();
    }

    private void delete(String name, Propagation propagation) throws ApiException {
        Deletion deletion = new Deletion(Optional.empty(), "", "", propagation, false);
        api.delete(kind("ConfigMap"), key("default", "ConfigMap", name), deletion);
    }

    private void patch(String name, String yaml) throws ApiException {
        api.patch(kind("ConfigMap"), key("default", "ConfigMap", name), new Patch.Merge(tree(yaml)), ALICE);
    }

    private Optional<ApiObject> get(String name) {
        return store.get(key("default", "ConfigMap", name));
    }

    private Kind kind(String kind) {
        return api.kinds().find("v1", kind).orElseThrow();
    }

    private ObjectKey key(String namespace, String kind, String name) {
        return Kinds.key(kind(kind), namespace, name);
    }

    private static String owned(ApiObject owner) {
        return "[" + reference(owner) + "]";
    }

    private static String reference(ApiObject owner) {
        return "{apiVersion: v1, kind: %s, name: %s, uid: %s, blockOwnerDeletion: true}"
                .formatted(owner.kind(), owner.name(), owner.uid());
    }

    private static ObjectNode tree(String yaml) {
        try {
            return (ObjectNode) ObjectCodec.yaml().readTree(yaml);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what);
            LockSupport.parkNanos(2_000_000);
        }
    }
}
