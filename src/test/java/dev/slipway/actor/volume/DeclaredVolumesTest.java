package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName.Scope;
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

/// PersistentVolumes that people declare, and the claims that get them, on a real store.
class DeclaredVolumesTest {
    private static final GroupResource CLAIMS = GroupResource.core("persistentvolumeclaims");
    private static final String MANUAL = """
            spec:
              storageClassName: manual
              capacity: {storage: %s}
              accessModes: [ReadWriteOnce, ReadOnlyMany]
              %s
            """;
    private static final String CLAIM = """
            spec:
              storageClassName: manual
              accessModes: [ReadWriteOnce]
              resources: {requests: {storage: 1Gi}}
              %s
            """;

    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private ObjectApi api;
    private ClaimController claims;
    private PersistentVolumeController volumes;

    @BeforeEach
    void open() throws Exception {
        InstantSource clock = () -> Instant.parse("2026-01-31T08:00:00Z");
        store = SqliteObjectStore.open(folder.resolve("objects"));
        api = new ObjectApi(
                store, Catalog.kinds(), clock, () -> UUID.randomUUID().toString());
        Schedule schedule = new Schedule(clock, new FakeDelays(), Runnable::run);
        EventRecorder recorder = new EventRecorder(store, new EventSource("slipway", "here"), schedule);
        claims = new ClaimController(api, recorder);
        volumes = new PersistentVolumeController(api, recorder);
        create("v1", "Namespace", "default", "");
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    @Test
    void the_smallest_that_fits_is_bound_and_leads_to_its_data() throws Exception {
        persistent("large", "5Gi", "hostPath: {path: /srv/large}");
        persistent("small", "2Gi", "hostPath: {path: /srv/small, type: DirectoryOrCreate}");
        persistent("tiny", "512Mi", "hostPath: {path: /srv/tiny}");
        assertEquals("Available", phase("small"));

        claim("data", "");

        assertEquals("Bound", phase("small"));
        assertEquals("Available", phase("large"));
        assertEquals("Available", phase("tiny"));
        ApiObject claim = claim("data");
        assertEquals("Bound", claim.status().path("phase").asText());
        assertEquals("2Gi", claim.status().at("/capacity/storage").asText());
        assertEquals("small", claim.spec().path("volumeName").asText());
        assertEquals(claim.uid(), get("small").spec().at("/claimRef/uid").asText());
        ApiObject volume = volume("data").orElseThrow();
        assertEquals("HostPath", volume.spec().path("type").asText());
        assertEquals("/srv/small", volume.spec().at("/hostPath/path").asText());
        assertEquals("DirectoryOrCreate", volume.spec().at("/hostPath/type").asText());
        long version = store.resourceVersion();
        settle();
        assertEquals(version, store.resourceVersion(), "a round that finds nothing to do writes nothing");
    }

    @Test
    void class_mode_size_and_labels_must_fit() throws Exception {
        persistent("small", "512Mi", "hostPath: {path: /srv}");
        persistent("written-by-many", "1Gi", "hostPath: {path: /srv}");
        persistent("foreign", "1Gi", "csi: {driver: a, volumeHandle: b}");
        persistent("raw", "1Gi", "volumeMode: Block\n  local: {path: /dev/sdz}");
        create(
                "v1",
                "PersistentVolume",
                "other",
                MANUAL.replace("manual", "other").formatted("1Gi", "hostPath: {path: /srv}"));

        claim("data", "selector: {matchLabels: {disk: fast}}");
        assertEquals("Pending", claim("data").status().path("phase").asText());
        claim("many", "volumeName: written-by-many");
        assertEquals("Bound", claim("many").status().path("phase").asText(), "who names it needs no labels");
        assertTrue(
                messages().contains("storageclass.storage.k8s.io \"manual\" not found"),
                messages().toString());

        ObjectNode labelled = object(
                "v1",
                "PersistentVolume",
                "labelled",
                MANUAL.formatted(
                        "1Gi", "nfs: {server: files, path: /a, readOnly: true}\n  mountOptions: [hard, vers=4.1]"));
        labelled.withObject("/metadata/labels").put("disk", "fast");
        api.create(kind("v1", "PersistentVolume"), "", labelled, WriteOptions.by("alice"));
        settle();

        assertEquals("labelled", claim("data").spec().path("volumeName").asText());
        ApiObject volume = volume("data").orElseThrow();
        assertEquals("NFS", volume.spec().path("type").asText());
        assertEquals(
                "{\"server\":\"files\",\"path\":\"/a\",\"readOnly\":true,\"options\":[\"hard\",\"vers=4.1\"]}",
                volume.spec().path("nfs").toString());
    }

    @Test
    void what_a_claim_names_and_cannot_have_is_said() throws Exception {
        persistent("small", "512Mi", "local: {path: /srv}");
        persistent("taken", "1Gi", "claimRef: {namespace: default, name: another}\n  hostPath: {path: /srv}");

        claim("one", "volumeName: small");
        claim("two", "volumeName: taken");
        claim("three", "volumeName: none");

        assertTrue(
                messages()
                        .containsAll(List.of(
                                "Cannot bind to requested volume \"small\": requested PV is too small",
                                "volume \"taken\" already bound to a different claim.",
                                "volume \"none\" not found")),
                messages().toString());
        assertEquals("Available", phase("taken"));
    }

    @Test
    void one_that_waits_for_a_claim_is_that_claims() throws Exception {
        persistent("a", "1Gi", "hostPath: {path: /srv/a}");
        persistent("b", "9Gi", "claimRef: {namespace: default, name: data}\n  local: {path: /srv/b}");

        claim("data", "");

        assertEquals("b", claim("data").spec().path("volumeName").asText());
        assertEquals(
                "Directory",
                volume("data").orElseThrow().spec().at("/hostPath/type").asText());
    }

    @Test
    void what_a_claim_leaves_behind_is_released_and_free_when_somebody_says_so() throws Exception {
        persistent("kept", "1Gi", "hostPath: {path: /srv}");
        claim("data", "");

        deleteClaim("data");

        assertEquals("Released", phase("kept"));
        assertTrue(volume("data")
                .filter(each -> each.deletionTimestamp().isEmpty())
                .isEmpty());
        finishVolume("data");
        claim("data", "");
        assertEquals("Pending", claim("data").status().path("phase").asText(), "it is another claim");
        ObjectNode free = get("kept").copyTree();
        free.withObject("/spec").remove("claimRef");
        api.update(kind("v1", "PersistentVolume"), key("kept"), free, WriteOptions.by("alice"));
        settle();
        assertEquals("Bound", phase("kept"));
        assertEquals("Bound", claim("data").status().path("phase").asText());
    }

    @Test
    void the_data_of_one_that_is_to_be_deleted_stay_and_it_says_so() throws Exception {
        persistent("gone", "1Gi", "persistentVolumeReclaimPolicy: Delete\n  hostPath: {path: /srv}");
        claim("data", "");

        deleteClaim("data");

        assertEquals("Failed", phase("gone"));
        assertEquals("VolumeFailedDelete", get("gone").status().path("reason").asText());
    }

    @Test
    void one_that_a_claim_has_stays_until_the_claim_goes() throws Exception {
        persistent("held", "1Gi", "hostPath: {path: /srv}");
        claim("data", "");

        api.delete(kind("v1", "PersistentVolume"), key("held"), Deletion.PLAIN);
        settle();
        assertTrue(store.get(key("held")).isPresent());
        assertEquals("Bound", claim("data").status().path("phase").asText());

        deleteClaim("data");
        assertEquals(Optional.empty(), store.get(key("held")));
    }

    @Test
    void a_claim_whose_volume_was_taken_away_is_lost() throws Exception {
        persistent("held", "1Gi", "hostPath: {path: /srv}");
        claim("data", "");
        ObjectNode unheld = get("held").copyTree();
        unheld.withObject("/metadata").putArray("finalizers");
        api.update(kind("v1", "PersistentVolume"), key("held"), unheld, WriteOptions.by("alice"));
        api.delete(kind("v1", "PersistentVolume"), key("held"), Deletion.PLAIN);

        settle();

        assertEquals("Lost", claim("data").status().path("phase").asText());
        assertTrue(messages().stream().anyMatch(each -> each.startsWith("Bound claim has lost")));
    }

    @Test
    void a_claim_that_was_served_by_a_volume_of_its_own_goes_on_to_be_whatever_it_names() throws Exception {
        persistent("named", "1Gi", "hostPath: {path: /srv}");
        ObjectNode claim = object("v1", "PersistentVolumeClaim", "data", CLAIM.formatted("volumeName: named"));
        ApiObject made = api.create(kind("v1", "PersistentVolumeClaim"), "default", claim, WriteOptions.by("alice"))
                .object();
        create(
                "slipway.dev/v1alpha1",
                "Volume",
                "data, annotations: {slipway.dev/claim: \"%s\"}".formatted(made.uid()),
                "spec: {type: Managed, capacity: 1Gi}");

        settle();

        assertEquals("Bound", claim("data").status().path("phase").asText());
        assertEquals("Available", phase("named"));
        assertEquals("Managed", volume("data").orElseThrow().spec().path("type").asText());
        api.delete(kind("v1", "PersistentVolume"), key("named"), Deletion.PLAIN);
        settle();
        assertEquals("Bound", claim("data").status().path("phase").asText());
    }

    @Test
    void a_claim_is_not_led_elsewhere_when_another_volume_takes_the_name_of_its_own() throws Exception {
        persistent("held", "1Gi", "hostPath: {path: /srv/a}");
        claim("data", "");
        ObjectNode unheld = get("held").copyTree();
        unheld.withObject("/metadata").putArray("finalizers");
        api.update(kind("v1", "PersistentVolume"), key("held"), unheld, WriteOptions.by("alice"));
        api.delete(kind("v1", "PersistentVolume"), key("held"), Deletion.PLAIN);

        persistent("held", "1Gi", "hostPath: {path: /srv/b}");

        assertTrue(
                messages().stream().anyMatch(each -> each.contains("leads elsewhere")),
                messages().toString());
        assertEquals(
                "/srv/a",
                volume("data").orElseThrow().spec().at("/hostPath/path").asText());
    }

    @Test
    void one_that_was_stored_before_there_was_a_default_can_be_written() throws Exception {
        persistent("old", "1Gi", "hostPath: {path: /srv}");
        ApiObject before = get("old");
        ((ObjectNode) before.spec().path("hostPath")).remove("type");
        ApiObject after = get("old");
        Findings findings = new Findings();

        kind("v1", "PersistentVolume").validate(after, before, findings);

        assertEquals(List.of(), findings.errors());
    }

    @Test
    void recycling_is_refused() {
        ApiException refused = assertThrows(
                ApiException.class,
                () -> persistent("old", "1Gi", "persistentVolumeReclaimPolicy: Recycle\n  hostPath: {path: /srv}"));

        assertTrue(refused.getMessage().contains("persistentVolumeReclaimPolicy"), refused.getMessage());
    }

    private void persistent(String name, String size, String more) throws Exception {
        create("v1", "PersistentVolume", name, MANUAL.formatted(size, more));
        settle();
    }

    private void claim(String name, String more) throws Exception {
        create("v1", "PersistentVolumeClaim", name, CLAIM.formatted(more));
        settle();
    }

    private void deleteClaim(String name) throws Exception {
        api.delete(kind("v1", "PersistentVolumeClaim"), new ObjectKey(CLAIMS, "default", name), Deletion.PLAIN);
        settle();
    }

    /// What the controller of Volumes does with one that is deleted.
    private void finishVolume(String name) throws Exception {
        ApiObject volume = volume(name).orElseThrow();
        Finalizers.remove(api, kind("slipway.dev/v1alpha1", "Volume"), volume, "slipway.dev/volume");
    }

    /// Rounds for all until nothing changes.
    private void settle() {
        long before;
        do {
            before = store.resourceVersion();
            for (ApiObject claim : store.list(CLAIMS, "").items()) {
                assertEquals(Result.SETTLED, claims.reconcile(new ObjectKey(CLAIMS, "default", claim.name())));
            }
            for (ApiObject volume : store.list(DeclaredVolumes.RESOURCE, "").items()) {
                assertEquals(Result.SETTLED, volumes.reconcile(key(volume.name())));
            }
        } while (store.resourceVersion() != before);
    }

    private String phase(String name) {
        return get(name).status().path("phase").asText();
    }

    private ApiObject get(String name) {
        return store.get(key(name)).orElseThrow();
    }

    private ApiObject claim(String name) {
        return store.get(new ObjectKey(CLAIMS, "default", name)).orElseThrow();
    }

    private Optional<ApiObject> volume(String name) {
        return store.get(new ObjectKey(VolumeStorage.VOLUMES, "default", name));
    }

    private static ObjectKey key(String name) {
        return new ObjectKey(DeclaredVolumes.RESOURCE, "", name);
    }

    private List<String> messages() {
        return store.list(GroupResource.core("events"), "").items().stream()
                .map(event -> event.tree().path("message").asText())
                .toList();
    }

    private void create(String apiVersion, String kind, String name, String body) throws Exception {
        Kind found = kind(apiVersion, kind);
        String namespace = found.name().scope() == Scope.CLUSTER ? "" : "default";
        api.create(found, namespace, object(apiVersion, kind, name, body), WriteOptions.by("alice"));
    }

    private static ObjectNode object(String apiVersion, String kind, String name, String body) throws Exception {
        return (ObjectNode) ObjectCodec.yaml()
                .readTree("apiVersion: %s\nkind: %s\nmetadata: {name: %s}\n%s".formatted(apiVersion, kind, name, body));
    }

    private Kind kind(String apiVersion, String kind) {
        return api.kinds().find(apiVersion, kind).orElseThrow();
    }
}
