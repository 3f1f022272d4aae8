package dev.slipway.door.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreFeedTest {
    private static final GroupResource CONFIG_MAPS = GroupResource.core("configmaps");
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    @Test
    void a_write_wakes_the_one_who_waits() throws Exception {
        try (ObjectStore store = SqliteObjectStore.open(directory);
                StoreFeed feed = new StoreFeed(store, Catalog.kinds())) {
            feed.awaitChange(LONG);
            CompletableFuture<ApiObject> written = CompletableFuture.supplyAsync(() -> create(store, "first"));

            assertTrue(took(feed, LONG).compareTo(LONG) < 0);
            written.get(20, TimeUnit.SECONDS);

            assertEquals(1, feed.list(CONFIG_MAPS).size());
            assertEquals("first", feed.find(key("first")).orElseThrow().name());
        }
    }

    @Test
    void a_write_between_two_waits_is_not_missed() throws Exception {
        try (ObjectStore store = SqliteObjectStore.open(directory);
                StoreFeed feed = new StoreFeed(store, Catalog.kinds())) {
            feed.awaitChange(LONG);
            create(store, "one");
            create(store, "two");

            assertTrue(took(feed, LONG).compareTo(LONG) < 0);
        }
    }

    @Test
    void without_writes_the_wait_ends_at_its_limit() throws Exception {
        try (ObjectStore store = SqliteObjectStore.open(directory);
                StoreFeed feed = new StoreFeed(store, Catalog.kinds())) {
            feed.awaitChange(LONG);
            Duration limit = Duration.ofMillis(20);

            assertTrue(took(feed, limit).compareTo(limit) >= 0);
        }
    }

    private static Duration took(ObjectFeed feed, Duration limit) throws InterruptedException {
        long begin = System.nanoTime();
        feed.awaitChange(limit);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static ApiObject create(ObjectStore store, String name) {
        var tree = ObjectCodec.json().createObjectNode().put("apiVersion", "v1").put("kind", "ConfigMap");
        tree.putObject("metadata").put("name", name).put("namespace", "default");
        try {
            return store.create(key(name), ApiObject.of(tree));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectKey key(String name) {
        return new ObjectKey(CONFIG_MAPS, "default", name);
    }
}
