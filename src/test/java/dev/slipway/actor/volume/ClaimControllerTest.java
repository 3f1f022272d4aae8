package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.PodClaims;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.FakeDelays;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rounds of the controller on a real store; the test plays the controller of Volumes.
class ClaimControllerTest {
    private static final WriteOptions ALICE = WriteOptions.by("alice");
    private static final ObjectKey KEY = new ObjectKey(GroupResource.core("persistentvolumeclaims"), "default", "data");
    private static final ObjectKey VOLUME =
            new ObjectKey(new GroupResource("slipway.dev", "volumes"), "default", "data");
    private static final ObjectKey POD = new ObjectKey(GroupResource.core("pods"), "default", "web");
    private static final String SPEC = """
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}%s}
            """;
    private static final String USER = """
            spec:
              containers: [{name: main, image: nginx, volumeMounts: [{name: v, mountPath: /data}]}]
              volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]
            """;

    private static final String EPHEMERAL = """
            spec:
              containers: [{name: main, image: nginx, volumeMounts: [{name: scratch, mountPath: /data}]}]
              volumes:
              - name: scratch
                ephemeral:
                  volumeClaimTemplate:
                    metadata: {labels: {for: data}}
                    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
            """;

    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private ObjectApi api;
    private ClaimController controller;

    @BeforeEach
    void open() throws Exception {
        InstantSource clock = () -> Instant.parse("2026-01-31T08:00:00Z");
        store = SqliteObjectStore.open(folder.resolve("objects"));
        api = new ObjectApi(
                store, Catalog.kinds(), clock, () -> UUID.randomUUID().toString());
        Schedule schedule = new Schedule(clock, new FakeDelays(), Runnable::run);
        controller = new ClaimController(
                api, new EventRecorder(store, new EventSource("slipway", "here"), schedule), "here");
        create("v1", "Namespace", "default", "");
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    @Test
    void a_claim_gets_a_volume_of_the_default_class_at_once() throws Exception {
        storageClass("local", "Delete", true);
        ApiObject claim = claim("");

        settle();

        assertEquals("Bound", get().status().path("phase").asText());
        assertEquals("1Gi", get().status().at("/capacity/storage").asText());
        assertEquals("local", get().spec().path("storageClassName").asText());
        assertEquals(
                "Delete",
                store.get(VOLUME).orElseThrow().spec().path("reclaimPolicy").asText());
        ApiObject persistent = persistent(claim).orElseThrow();
        assertEquals("pvc-" + claim.uid(), get().spec().path("volumeName").asText());
        assertEquals("Bound", persistent.status().path("phase").asText());
        assertEquals("data", persistent.spec().at("/claimRef/name").asText());
        long version = store.resourceVersion();
        assertEquals(Result.SETTLED, controller.reconcile(KEY));
        assertEquals(version, store.resourceVersion(), "a round that finds nothing to do writes nothing");
    }

    @Test
    void a_claim_says_what_its_volume_holds_at_first() throws Exception {
        storageClass("local", "Delete", true);
        claim(", dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: monday}");

        settle();

        ApiObject volume = store.get(VOLUME).orElseThrow();
        assertEquals("monday", volume.spec().at("/populate/fromSnapshot/name").asText());
        assertEquals("1Gi", volume.spec().path("capacity").asText());
    }

    @Test
    void a_claim_clones_another() throws Exception {
        storageClass("local", "Delete", true);
        claim(", dataSourceRef: {kind: PersistentVolumeClaim, name: first}");

        settle();

        assertEquals(
                "first",
                store.get(VOLUME)
                        .orElseThrow()
                        .spec()
                        .at("/populate/fromVolume/name")
                        .asText());
    }

    @Test
    void a_claim_that_asks_for_what_nobody_here_makes_waits() throws Exception {
        storageClass("local", "Delete", true);
        claim(", dataSource: {apiGroup: example.com, kind: Backup, name: monday}");

        settle();

        assertEquals("Pending", get().status().path("phase").asText());
        assertEquals(List.of("a volume cannot be made from Backup \"monday\""), messages());
    }

    @Test
    void a_claim_without_a_class_waits_for_one_and_says_so_once() throws Exception {
        claim("");

        settle();
        settle();

        assertEquals("Pending", get().status().path("phase").asText());
        assertEquals("Bound", get().status().at("/conditions/0/type").asText());
        assertEquals(
                messages().getFirst(),
                get().status().at("/conditions/0/message").asText());
        assertEquals(List.of("no persistent volumes available for this claim and no storage class is set"), messages());
        ApiObject made = storageClass("local", "Delete", true);
        assertEquals(List.of(KEY), List.copyOf(controller.concerned(made)));
        settle();
        assertEquals("Bound", get().status().path("phase").asText());
    }

    @Test
    void a_class_that_is_not_there_or_another_s_is_named() throws Exception {
        claim(", storageClassName: fast");
        settle();
        assertEquals(List.of("storageclass.storage.k8s.io \"fast\" not found"), messages());

        create("storage.k8s.io/v1", "StorageClass", "fast", "provisioner: example.com/nfs");
        settle();

        assertTrue(
                messages().stream().anyMatch(message -> message.contains("external provisioner 'example.com/nfs'")),
                messages().toString());
        assertEquals("Pending", get().status().path("phase").asText());
    }

    @Test
    void a_claim_takes_the_volume_of_its_name_and_leaves_it_behind() throws Exception {
        create("slipway.dev/v1alpha1", "Volume", "data", "spec: {reclaimPolicy: Delete}");
        ApiObject claim = claim(", storageClassName: ''");
        settle();
        assertEquals("Bound", get().status().path("phase").asText());

        delete();
        settle();

        assertEquals(Optional.empty(), store.get(KEY));
        assertTrue(store.get(VOLUME).orElseThrow().deletionTimestamp().isEmpty(), "it was there before the claim");
        assertEquals(
                "Released",
                persistent(claim).orElseThrow().status().path("phase").asText());
    }

    @Test
    void a_claim_in_use_stays_until_its_users_have_gone_and_takes_its_data_along() throws Exception {
        storageClass("local", "Delete", true);
        ApiObject claim = claim("");
        settle();
        ApiObject pod = create("v1", "Pod", "web", USER);
        assertEquals(List.of(KEY), List.copyOf(controller.concerned(pod)));

        delete();
        settle();
        assertTrue(store.get(KEY).isPresent());

        api.remove(POD, pod.uid());
        settle();
        assertEquals(Optional.empty(), store.get(KEY));
        assertEquals(Optional.empty(), persistent(claim));
        assertFalse(store.get(VOLUME)
                .filter(volume -> volume.deletionTimestamp().isEmpty())
                .isPresent());
    }

    @Test
    void a_claim_that_asks_for_more_has_its_volume_grow_and_not_shrink() throws Exception {
        storageClass("local", "Delete", true, true);
        ApiObject claim = claim("");
        settle();

        ask("2Gi");
        settle();

        assertEquals(
                "2Gi", store.get(VOLUME).orElseThrow().spec().path("capacity").asText());
        assertEquals("2Gi", get().status().at("/capacity/storage").asText());
        assertEquals(
                "2Gi",
                persistent(claim).orElseThrow().spec().at("/capacity/storage").asText());
        long version = store.resourceVersion();
        settle();
        assertEquals(version, store.resourceVersion());
        ApiException refused = assertThrows(ApiException.class, () -> ask("1Gi"));
        assertTrue(refused.getMessage().contains("field can not be less than status.capacity"), refused.getMessage());
    }

    /// Somebody gives the volume more than the claim asked for.
    @Test
    void a_claim_that_has_more_than_it_asks_for_can_be_written_and_deleted() throws Exception {
        storageClass("local", "Delete", true);
        claim("");
        settle();
        ObjectNode larger = store.get(VOLUME).orElseThrow().copyTree();
        larger.withObject("/spec").put("capacity", "3Gi");
        api.update(kind("slipway.dev/v1alpha1", "Volume"), VOLUME, larger, ALICE);
        settle();
        assertEquals("3Gi", get().status().at("/capacity/storage").asText());

        ask("1Gi");
        ask("2Gi");
        ApiException refused = assertThrows(ApiException.class, () -> ask("1Gi"));
        assertTrue(refused.getMessage().contains("field can not be less than status.capacity"), refused.getMessage());
        delete();
        settle();

        assertEquals(Optional.empty(), store.get(KEY));
    }

    @Test
    void a_volume_does_not_grow_where_its_class_does_not_allow_it() throws Exception {
        storageClass("local", "Delete", true);
        claim("");
        settle();

        ask("2Gi");
        settle();

        assertEquals(
                "1Gi", store.get(VOLUME).orElseThrow().spec().path("capacity").asText());
        assertEquals("1Gi", get().status().at("/capacity/storage").asText());
        assertTrue(
                messages().contains("storageclass \"local\" does not allow volumes to grow"),
                messages().toString());
    }

    private void ask(String storage) throws Exception {
        ObjectNode changed = get().copyTree();
        changed.withObject("/spec/resources/requests").put("storage", storage);
        api.update(kind("v1", "PersistentVolumeClaim"), KEY, changed, ALICE);
    }

    @Test
    void what_a_claim_asks_for_does_not_change() throws Exception {
        claim("");

        ApiException refused = assertThrows(ApiException.class, () -> {
            ObjectNode changed = get().copyTree();
            changed.withObject("/spec").putArray("accessModes").add("ReadWriteMany");
            api.update(kind("v1", "PersistentVolumeClaim"), KEY, changed, ALICE);
        });

        assertEquals(422, refused.code());
    }

    @Test
    void an_ephemeral_volume_of_a_pod_gets_a_claim_that_belongs_to_the_pod() throws Exception {
        storageClass("local", "Delete", true);
        ApiObject pod = create("v1", "Pod", "web", EPHEMERAL);
        ObjectKey key = new ObjectKey(KEY.resource(), "default", "web-scratch");
        assertEquals(List.of(key), List.copyOf(controller.concerned(pod)));

        controller.reconcile(key);

        ApiObject claim = store.get(key).orElseThrow();
        assertEquals("data", claim.labels().get("for"));
        assertEquals(pod.uid(), claim.metadata().at("/ownerReferences/0/uid").asText());
        assertTrue(claim.metadata().at("/ownerReferences/0/controller").asBoolean());
        assertEquals("2Gi", claim.spec().at("/resources/requests/storage").asText());
        assertTrue(PodClaims.isMadeFor(claim, pod));
        while (controller.reconcile(key) instanceof Result.Again) {
            assertTrue(store.get(key).isPresent());
        }
        assertEquals(
                "Bound", store.get(key).orElseThrow().status().path("phase").asText());
    }

    @Test
    void a_pod_that_is_being_deleted_gets_no_claim_any_more() throws Exception {
        create("v1", "Pod", "web", EPHEMERAL);
        api.delete(kind("v1", "Pod"), POD, Deletion.PLAIN);
        ObjectKey key = new ObjectKey(KEY.resource(), "default", "web-scratch");

        controller.reconcile(key);

        assertEquals(Optional.empty(), store.get(key));
    }

    private void settle() {
        Result result = controller.reconcile(KEY);
        for (int rounds = 0; result instanceof Result.Again && rounds < 5; rounds++) {
            result = controller.reconcile(KEY);
        }
        assertEquals(Result.SETTLED, result);
    }

    private ApiObject storageClass(String name, String reclaimPolicy, boolean isDefault) throws Exception {
        return storageClass(name, reclaimPolicy, isDefault, false);
    }

    private ApiObject storageClass(String name, String reclaimPolicy, boolean isDefault, boolean canGrow)
            throws Exception {
        ObjectNode object =
                (ObjectNode) ObjectCodec.yaml().readTree("""
                apiVersion: storage.k8s.io/v1
                kind: StorageClass
                metadata: {name: %s, annotations: {storageclass.kubernetes.io/is-default-class: "%s"}}
                provisioner: slipway.dev/local
                reclaimPolicy: %s
                allowVolumeExpansion: %s
                """.formatted(name, isDefault, reclaimPolicy, canGrow));
        return api.create(kind("storage.k8s.io/v1", "StorageClass"), "", object, ALICE)
                .object();
    }

    private ApiObject claim(String more) throws Exception {
        return create("v1", "PersistentVolumeClaim", "data", SPEC.formatted(more));
    }

    private void delete() throws ApiException {
        api.delete(kind("v1", "PersistentVolumeClaim"), KEY, Deletion.PLAIN);
    }

    private List<String> messages() {
        return store.list(GroupResource.core("events"), "").items().stream()
                .map(event -> event.tree().path("message").asText())
                .toList();
    }

    private Optional<ApiObject> persistent(ApiObject claim) {
        return store.get(ClaimObjects.persistentKey(claim));
    }

    private ApiObject create(String apiVersion, String kind, String name, String body) throws Exception {
        ObjectNode object = (ObjectNode) ObjectCodec.yaml()
                .readTree("apiVersion: %s\nkind: %s\nmetadata: {name: %s}\n%s".formatted(apiVersion, kind, name, body));
        Kind found = kind(apiVersion, kind);
        String namespace = found.name().scope() == dev.slipway.desired.kind.KindName.Scope.CLUSTER ? "" : "default";
        return api.create(found, namespace, object, ALICE).object();
    }

    private Kind kind(String apiVersion, String kind) {
        return api.kinds().find(apiVersion, kind).orElseThrow();
    }

    private ApiObject get() {
        return store.get(KEY).orElseThrow();
    }
}
