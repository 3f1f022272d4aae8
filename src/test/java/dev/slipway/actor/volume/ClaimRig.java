package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.WriteOptions;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The controllers of claims and PersistentVolumes on a real store, with a clock that stands.
final class ClaimRig implements AutoCloseable {
    static final WriteOptions ALICE = WriteOptions.by("alice");
    static final GroupResource CLAIMS = GroupResource.core("persistentvolumeclaims");
    static final String MANUAL = """
            spec:
              storageClassName: manual
              capacity: {storage: %s}
              accessModes: [ReadWriteOnce, ReadOnlyMany]
              %s
            """;
    static final String CLAIM = """
            spec:
              storageClassName: manual
              accessModes: [ReadWriteOnce]
              resources: {requests: {storage: 1Gi}}
              %s
            """;

    final ObjectStore store;
    final ObjectApi api;
    final ClaimController claims;
    private final PersistentVolumeController volumes;

    ClaimRig(Path folder) throws Exception {
        InstantSource clock = () -> Instant.parse("2026-01-31T08:00:00Z");
        store = SqliteObjectStore.open(folder.resolve("objects"));
        api = new ObjectApi(
                store, Catalog.kinds(), clock, () -> UUID.randomUUID().toString());
        Schedule schedule = new Schedule(clock, new FakeDelays(), Runnable::run);
        EventRecorder recorder = new EventRecorder(store, new EventSource("slipway", "here"), schedule);
        claims = new ClaimController(api, recorder, "here");
        volumes = new PersistentVolumeController(api, recorder);
        create("v1", "Namespace", "default", "");
    }

    @Override
    public void close() throws Exception {
        store.close();
    }

    void persistent(String name, String size, String more) throws Exception {
        create("v1", "PersistentVolume", name, MANUAL.formatted(size, more));
        settle();
    }

    void claim(String name, String more) throws Exception {
        create("v1", "PersistentVolumeClaim", name, CLAIM.formatted(more));
        settle();
    }

    void deleteClaim(String name) throws Exception {
        api.delete(kind("v1", "PersistentVolumeClaim"), new ObjectKey(CLAIMS, "default", name), Deletion.PLAIN);
        settle();
    }

    /// What the controller of Volumes does with one that is deleted.
    void finishVolume(String name) throws Exception {
        ApiObject volume = volume(name).orElseThrow();
        Finalizers.remove(api, kind("slipway.dev/v1alpha1", "Volume"), volume, "slipway.dev/volume");
    }

    /// Rounds for all until nothing changes.
    void settle() {
        long before;
        List<Result> results = new ArrayList<>();
        do {
            before = store.resourceVersion();
            results.clear();
            for (ApiObject claim : store.list(CLAIMS, "").items()) {
                results.add(claims.reconcile(new ObjectKey(CLAIMS, "default", claim.name())));
            }
            for (ApiObject volume : store.list(DeclaredVolumes.RESOURCE, "").items()) {
                results.add(volumes.reconcile(key(volume.name())));
            }
        } while (store.resourceVersion() != before);
        results.forEach(result -> assertEquals(Result.SETTLED, result));
    }

    String phase(String name) {
        return get(name).status().path("phase").asText();
    }

    ApiObject get(String name) {
        return store.get(key(name)).orElseThrow();
    }

    ApiObject claim(String name) {
        return store.get(new ObjectKey(CLAIMS, "default", name)).orElseThrow();
    }

    Optional<ApiObject> volume(String name) {
        return store.get(new ObjectKey(VolumeStorage.VOLUMES, "default", name));
    }

    static ObjectKey key(String name) {
        return new ObjectKey(DeclaredVolumes.RESOURCE, "", name);
    }

    List<String> messages() {
        return store.list(GroupResource.core("events"), "").items().stream()
                .map(event -> event.tree().path("message").asText())
                .toList();
    }

    /// As `Warning Reason: message`.
    List<String> events() {
        return store.list(GroupResource.core("events"), "").items().stream()
                .map(event -> "%s %s: %s"
                        .formatted(
                                event.tree().path("type").asText(),
                                event.tree().path("reason").asText(),
                                event.tree().path("message").asText()))
                .toList();
    }

    void create(String apiVersion, String kind, String name, String body) throws Exception {
        Kind found = kind(apiVersion, kind);
        String namespace = found.name().scope() == Scope.CLUSTER ? "" : "default";
        api.create(found, namespace, object(apiVersion, kind, name, body), ALICE);
    }

    static ObjectNode object(String apiVersion, String kind, String name, String body) throws Exception {
        return (ObjectNode) ObjectCodec.yaml()
                .readTree("apiVersion: %s\nkind: %s\nmetadata: {name: %s}\n%s".formatted(apiVersion, kind, name, body));
    }

    Kind kind(String apiVersion, String kind) {
        return api.kinds().find(apiVersion, kind).orElseThrow();
    }
}
