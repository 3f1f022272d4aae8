package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.image.PodImages;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
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
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.volume.ManagedVolumes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/// The controllers of volumes on a real store and real directories, with a clock that stands, images that are told, and
/// pods that are only noted when they are frozen.
final class VolumeRig implements AutoCloseable {
    private static final WriteOptions ALICE = WriteOptions.by("alice");
    static final String OWN = "slipway.dev/v1alpha1";
    static final String USER = """
            spec:
              containers: [{name: main, image: nginx, volumeMounts: [{name: v, mountPath: /data}]}]
              volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]
            """;

    final ObjectStore store;
    final ObjectApi api;
    final ManagedVolumes managed;
    final ManagedVolumes snapshots;
    final VolumeController volumes;
    final SnapshotController taker;
    final List<Collection<String>> frozen = new ArrayList<>();
    /// Whose questions about images are over.
    final List<String> forgotten = new ArrayList<>();
    Instant now = Instant.parse("2026-01-31T08:00:00Z");
    /// By how much somebody sets the wall clock forward whenever it is read.
    Duration jump = Duration.ZERO;
    private Duration set = Duration.ZERO;
    Duration turn = Duration.ZERO;
    /// Why nothing can be copied, or empty.
    String fault = "";
    PodImages.Answer image = new PodImages.Answer.Pulling();
    List<Path> layers = List.of();

    VolumeRig(Path folder) throws Exception {
        InstantSource steady = () -> now;
        InstantSource clock = () -> now.plus(set = set.plus(jump));
        store = SqliteObjectStore.open(folder.resolve("objects"));
        api = new ObjectApi(
                store, Catalog.kinds(), clock, () -> UUID.randomUUID().toString());
        managed = new ManagedVolumes(folder.resolve("volumes"));
        managed.open();
        snapshots = new ManagedVolumes(folder.resolve("volumes/.snapshots"));
        snapshots.open();
        Schedule schedule = new Schedule(clock, new FakeDelays(), Runnable::run);
        VolumeParts parts = new VolumeParts(
                api,
                managed,
                snapshots,
                new ToldImages(),
                local -> layers,
                this::freeze,
                new EventRecorder(store, new EventSource("slipway", "here"), schedule),
                clock,
                steady);
        volumes = new VolumeController(parts);
        taker = new SnapshotController(parts);
        create("v1", "Namespace", "default", "");
    }

    private final class ToldImages implements PodImages {
        @Override
        public Answer ask(Question question) {
            return image;
        }

        @Override
        public Optional<LocalImage> find(Digest digest) {
            return Optional.empty();
        }

        @Override
        public void forget(String podUid) {
            forgotten.add(podUid);
        }
    }

    /// Others were frozen before: it takes some seconds.
    private void freeze(Predicate<String> isUser, Freezer.Work work) throws IOException {
        now = now.plus(turn);
        frozen.add(store.list(GroupResource.core("pods"), "").items().stream()
                .map(ApiObject::uid)
                .filter(isUser)
                .toList());
        if (!fault.isEmpty()) {
            throw new IOException(fault);
        }
        work.run();
        now = now.plus(turn);
    }

    @Override
    public void close() throws IOException {
        store.close();
    }

    static ObjectKey volume(String name) {
        return new ObjectKey(VolumeStorage.VOLUMES, "default", name);
    }

    static ObjectKey snapshot(String name) {
        return new ObjectKey(SnapshotController.SNAPSHOTS, "default", name);
    }

    static ObjectKey pod(String name) {
        return new ObjectKey(GroupResource.core("pods"), "default", name);
    }

    /// Makes a Volume and gives it a round.
    Path volume(String name, String spec) throws Exception {
        create(OWN, "Volume", name, "spec: " + spec);
        volumes.reconcile(volume(name));
        return Path.of(get(volume(name)).status().path("path").asText());
    }

    /// Makes a VolumeSnapshot of a Volume and gives it a round.
    ApiObject snapshot(String name, String volume) throws Exception {
        create(
                "snapshot.storage.k8s.io/v1",
                "VolumeSnapshot",
                name,
                "spec: {source: {persistentVolumeClaimName: %s}}".formatted(volume));
        taker.reconcile(snapshot(name));
        return get(snapshot(name));
    }

    Result round(String volume) {
        return volumes.reconcile(volume(volume));
    }

    ApiObject create(String apiVersion, String kind, String name, String body) throws Exception {
        ObjectNode object = (ObjectNode) ObjectCodec.yaml()
                .readTree("apiVersion: %s\nkind: %s\nmetadata: {name: %s}\n%s".formatted(apiVersion, kind, name, body));
        return api.create(kind(apiVersion, kind), "default", object, ALICE).object();
    }

    void delete(ObjectKey key) throws ApiException {
        api.delete(api.kinds().find(key.resource()).orElseThrow(), key, Deletion.PLAIN);
    }

    Kind kind(String apiVersion, String kind) {
        return api.kinds().find(apiVersion, kind).orElseThrow();
    }

    ApiObject get(ObjectKey key) {
        return store.get(key).orElseThrow();
    }

    Optional<ApiObject> find(ObjectKey key) {
        return store.get(key);
    }

    /// What the status of a Volume says of itself, or nothing.
    String message(String volume, String condition) {
        for (var each : get(volume(volume)).status().path("conditions")) {
            if (each.path("type").asText().equals(condition)) {
                return each.path("status").asText() + ": "
                        + each.path("message").asText();
            }
        }
        return "";
    }
}
