package dev.slipway.actor.space;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.ForwardingStore;
import dev.slipway.desired.store.ObjectList;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.disk.FileSystemSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which volumes go when somebody asks to free what nobody needs. There are no images.
class SpacePruningTest {
    private static final GroupResource VOLUMES = new GroupResource("slipway.dev", "volumes");
    private static final String USED = "unusedSince: 2026-01-01T00:00:00Z";

    @TempDir
    private Path folder;

    private final Deque<Step> meanwhile = new ArrayDeque<>();
    private SqliteObjectStore store;
    private ObjectApi objects;
    private EventRecorder events;
    private SpacePruning pruning;

    private interface Step {
        void run() throws Exception;
    }

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder);
        Schedule schedule = new Schedule(() -> Instant.EPOCH, new FakeDelays(), Runnable::run);
        events = new EventRecorder(store, new EventSource("slipway", "here"), schedule);
        objects = new ObjectApi(new BusyStore(), Catalog.kinds(), () -> Instant.EPOCH, () -> UUID.randomUUID()
                .toString());
        RepositoryCollector repositories = new EmptyRepositories(folder).collector();
        ImageCollector collector = new ImageCollector(
                new ImageCollector.Tools(
                        store,
                        events,
                        schedule,
                        CollectionSettings.STANDARD,
                        new NoLeftovers(),
                        repositories,
                        () -> new FileSystemSpace(1000, 500),
                        Duration.ofMinutes(5)),
                () -> new Inventory(List.of(), List.of()),
                name -> {});
        pruning = new SpacePruning(objects, collector, new NoLeftovers(), repositories);
        objects.create(kind("v1", "Namespace"), "", tree("v1", "Namespace", "default"), WriteOptions.by("user"));
    }

    @AfterEach
    void close() throws IOException {
        events.close();
        store.close();
    }

    private static final class NoLeftovers implements Leftovers {
        @Override
        public void tidy(Instant before) {}

        @Override
        public void release() {}
    }

    /// Something happens between the look at volumes and the look at pods.
    private final class BusyStore extends ForwardingStore {
        BusyStore() {
            super(store);
        }

        @Override
        public ObjectList list(GroupResource resource, String namespace) {
            if (resource.equals(GroupResource.core("pods")) && !meanwhile.isEmpty()) {
                try {
                    meanwhile.remove().run();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
            return super.list(resource, namespace);
        }
    }

    private Kind kind(String apiVersion, String kind) {
        return objects.kinds().find(apiVersion, kind).orElseThrow();
    }

    private static ObjectNode tree(String apiVersion, String kind, String name) {
        ObjectNode tree = ObjectCodec.json().createObjectNode();
        tree.put("apiVersion", apiVersion).put("kind", kind);
        tree.putObject("metadata").put("name", name);
        return tree;
    }

    private static ObjectKey volume(String name) {
        return new ObjectKey(VOLUMES, "default", name);
    }

    private void make(String name, String status) throws Exception {
        ObjectNode tree = tree("slipway.dev/v1alpha1", "Volume", name);
        tree.putObject("spec").put("type", "Managed").put("reclaimPolicy", "DeleteWhenUnused");
        objects.create(kind("slipway.dev/v1alpha1", "Volume"), "default", tree, WriteOptions.by("user"));
        if (!status.isEmpty()) {
            status(name, status);
        }
    }

    private void status(String name, String status) throws Exception {
        ObjectNode changed = store.get(volume(name)).orElseThrow().copyTree();
        changed.set("status", ObjectCodec.yaml().readTree(status));
        objects.update(kind("slipway.dev/v1alpha1", "Volume"), volume(name), changed, WriteOptions.ownStatus());
    }

    private List<String> left() {
        return store.list(VOLUMES, "").items().stream()
                .filter(volume -> volume.deletionTimestamp().isEmpty())
                .map(ApiObject::name)
                .toList();
    }

    @Test
    void a_volume_that_waits_for_its_first_user_stays() throws Exception {
        make("fresh", "");
        make("used", USED);

        assertEquals(List.of("default/used"), pruning.wouldGo(true).volumes());
        assertEquals(List.of("default/used"), pruning.prune(true).volumes());

        assertEquals(List.of("fresh"), left());
    }

    @Test
    void one_that_changed_or_vanished_since_the_look_keeps_the_others_from_nothing() throws Exception {
        make("a", USED);
        make("b", USED);
        make("c", USED);
        meanwhile.add(() -> {
            status("a", "mountedBy: [{pod: web, readOnly: false}]");
            store.delete(volume("b"), store.get(volume("b")).orElseThrow().resourceVersion());
        });

        assertEquals(List.of("default/c"), pruning.prune(true).volumes());

        assertEquals(List.of("a"), left());
    }
}
