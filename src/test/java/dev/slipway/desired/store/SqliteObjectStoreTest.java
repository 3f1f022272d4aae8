package dev.slipway.desired.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteObjectStoreTest {
    private static final GroupResource PODS = GroupResource.core("pods");
    private static final GroupResource SECRETS = GroupResource.core("secrets");

    @TempDir
    private Path folder = Path.of("");

    private SqliteObjectStore store;

    @BeforeEach
    void open() throws IOException {
        store = SqliteObjectStore.open(folder.resolve("objects"));
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void a_created_object_is_read_back_with_its_version() throws Exception {
        ApiObject created = store.create(pod("a"), object("a", "one"));

        assertEquals(1, created.resourceVersion());
        assertEquals(Optional.of(created), store.get(pod("a")));
        assertEquals(1, store.resourceVersion());
    }

    @Test
    void what_is_packed_is_read_listed_watched_and_written_as_before() throws Exception {
        ApiObject created = store.create(pod("a"), object("a", "one ".repeat(100)));
        ApiObject updated = store.update(pod("a"), object("a", "two ".repeat(100)), created.resourceVersion());

        store.pack();
        store.pack();

        assertEquals(Optional.of(updated), store.get(pod("a")));
        assertEquals(List.of(updated), store.list(PODS, "default").items());
        BlockingQueue<StoreEvent> events = new LinkedBlockingQueue<>();
        try (Watch watch = store.watch(PODS, 0, events::add)) {
            assertEquals(new StoreEvent.Created(pod("a"), created), events.poll(5, TimeUnit.SECONDS));
            assertEquals(new StoreEvent.Updated(pod("a"), updated, created), events.poll(5, TimeUnit.SECONDS));
        }
        ApiObject again = store.update(pod("a"), object("a", "three"), updated.resourceVersion());
        store.close();
        open();
        assertEquals(Optional.of(again), store.get(pod("a")));
    }

    @Test
    void a_key_is_taken_once() throws Exception {
        store.create(pod("a"), object("a", "one"));

        assertThrows(AlreadyExistsException.class, () -> store.create(pod("a"), object("a", "two")));
    }

    @Test
    void an_update_needs_the_current_version() throws Exception {
        ApiObject first = store.create(pod("a"), object("a", "one"));
        ApiObject second = store.update(pod("a"), object("a", "two"), first.resourceVersion());

        assertEquals(2, second.resourceVersion());
        assertThrows(ConflictException.class, () -> store.update(pod("a"), object("a", "x"), first.resourceVersion()));
        assertThrows(ConflictException.class, () -> store.update(pod("b"), object("b", "x"), 1));
    }

    @Test
    void an_update_without_a_difference_writes_nothing() throws Exception {
        ApiObject first = store.create(pod("a"), object("a", "one"));

        assertEquals(first, store.update(pod("a"), object("a", "one"), 1));
        assertEquals(1, store.resourceVersion());
    }

    @Test
    void a_deleted_object_is_gone_and_its_deletion_has_a_version() throws Exception {
        store.create(pod("a"), object("a", "one"));

        assertEquals(2, store.delete(pod("a"), 1).resourceVersion());
        assertEquals(Optional.empty(), store.get(pod("a")));
        assertEquals(3, store.create(pod("a"), object("a", "one")).resourceVersion());
    }

    @Test
    void a_list_is_ordered_and_limited_to_resource_and_namespace() throws Exception {
        store.create(pod("b"), object("b", "one"));
        store.create(pod("a"), object("a", "one"));
        store.create(new ObjectKey(PODS, "other", "c"), object("c", "one"));
        store.create(new ObjectKey(SECRETS, "default", "s"), object("s", "one"));

        ObjectList pods = store.list(PODS, "default");

        assertEquals(
                List.of("a", "b"), pods.items().stream().map(ApiObject::name).toList());
        assertEquals(4, pods.resourceVersion());
        assertEquals(3, store.list(PODS, "").items().size());
    }

    @Test
    void what_was_written_is_there_after_a_restart_and_versions_go_on() throws Exception {
        store.create(pod("a"), object("a", "one"));
        store.create(pod("b"), object("b", "one"));
        store.delete(pod("b"), 2);
        store.close();

        store = SqliteObjectStore.open(folder.resolve("objects"));

        assertEquals("one", store.get(pod("a")).orElseThrow().spec().asText());
        assertEquals(3, store.resourceVersion());
        assertEquals(4, store.create(pod("b"), object("b", "two")).resourceVersion());
    }

    @Test
    void a_watch_hears_what_comes_after_its_version_in_order() throws Exception {
        BlockingQueue<StoreEvent> heard = new LinkedBlockingQueue<>();
        store.create(pod("a"), object("a", "one"));
        store.create(new ObjectKey(SECRETS, "default", "s"), object("s", "one"));
        store.update(pod("a"), object("a", "two"), 1);

        store.watch(PODS, 1, heard::add);
        store.delete(pod("a"), 3);

        StoreEvent.Updated updated = assertInstanceOf(StoreEvent.Updated.class, heard.poll(5, TimeUnit.SECONDS));
        StoreEvent.Deleted deleted = assertInstanceOf(StoreEvent.Deleted.class, heard.poll(5, TimeUnit.SECONDS));
        assertEquals("one", updated.before().spec().asText());
        assertEquals("two", updated.object().spec().asText());
        assertEquals(4, deleted.object().resourceVersion());
    }

    @Test
    void a_watch_from_a_forgotten_version_expires() throws Exception {
        store.create(pod("a"), object("a", "0"));
        for (int i = 1; i <= Contents.HISTORY + 1; i++) {
            store.update(pod("a"), object("a", "" + i), i);
        }

        assertThrows(ExpiredException.class, () -> store.watch(PODS, 1, event -> {}));
        store.watch(PODS, 10, event -> {}).close();
    }

    @Test
    void a_watcher_that_is_too_slow_ends_and_holds_up_nobody() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        WatchListener slow = new WatchListener() {
            @Override
            public void happened(StoreEvent event) {
                try {
                    assertTrue(release.await(30, TimeUnit.SECONDS));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }

            @Override
            public void ended() {
                ended.countDown();
            }
        };

        store.watch(PODS, 0, slow);
        store.create(pod("a"), object("a", "0"));
        for (int i = 1; i < 5000; i++) {
            store.update(pod("a"), object("a", "" + i), i);
        }
        release.countDown();

        assertTrue(ended.await(10, TimeUnit.SECONDS));
    }

    @Test
    void a_second_opener_is_refused_and_the_files_are_private() throws Exception {
        IOException refusal = assertThrows(IOException.class, () -> SqliteObjectStore.open(folder.resolve("objects")));

        assertTrue(
                refusal.getMessage()
                        .endsWith("in use by process " + ProcessHandle.current().pid()),
                refusal.getMessage());
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    }

    @Test
    void writers_at_the_same_time_lose_nothing() throws Exception {
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            String name = "p" + i;
            writers.add(Thread.ofVirtual().start(() -> writeTwice(name)));
        }
        for (Thread writer : writers) {
            writer.join();
        }

        assertEquals(50, store.list(PODS, "").items().size());
        assertEquals(100, store.resourceVersion());
    }

    private void writeTwice(String name) {
        try {
            long version = store.create(pod(name), object(name, "one")).resourceVersion();
            store.update(pod(name), object(name, "two"), version);
        } catch (IOException | AlreadyExistsException | ConflictException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectKey pod(String name) {
        return new ObjectKey(PODS, "default", name);
    }

    private static ApiObject object(String name, String spec) {
        return ApiObject.of(ObjectCodec.json()
                .createObjectNode()
                .put("kind", "Pod")
                .put("spec", spec)
                .set("metadata", ObjectCodec.json().createObjectNode().put("name", name)));
    }
}
