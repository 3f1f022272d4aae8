package dev.slipway.desired.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// How writes reach the journal, by a journal that does what a test says.
class CommitTest {
    private final FakeJournal journal = new FakeJournal();
    private final SqliteObjectStore store = SqliteObjectStore.over(journal, List.of(), 0);

    @AfterEach
    void close() throws IOException {
        journal.gate.countDown();
        store.close();
    }

    @Test
    void writers_that_come_during_a_commit_share_the_next() throws Exception {
        journal.gate = new CountDownLatch(1);
        List<CompletableFuture<ApiObject>> writers = new ArrayList<>();
        writers.add(writing("first"));
        assertEquals(1, journal.entered.poll(10, TimeUnit.SECONDS));
        for (int i = 0; i < 20; i++) {
            writers.add(writing("p" + i));
        }
        awaitQueued(20);
        journal.gate.countDown();
        writers.forEach(CompletableFuture::join);

        assertEquals(List.of(1, 20), journal.sizes);
        assertEquals(21, store.resourceVersion());
    }

    @Test
    void nothing_is_visible_before_it_is_durable() throws Exception {
        LinkedBlockingQueue<StoreEvent> heard = new LinkedBlockingQueue<>();
        store.watchAll(0, heard::add);
        journal.gate = new CountDownLatch(1);
        CompletableFuture<ApiObject> writer = writing("a");
        assertEquals(1, journal.entered.poll(10, TimeUnit.SECONDS));

        assertTrue(store.get(key("a")).isEmpty());
        assertEquals(0, store.resourceVersion());
        assertEquals(0, heard.size());

        journal.gate.countDown();
        writer.join();
        assertEquals("a", heard.poll(10, TimeUnit.SECONDS).object().name());
    }

    @Test
    void a_commit_that_fails_is_told_to_all_its_writers_and_leaves_nothing() throws Exception {
        journal.failure = new IOException("no space left on device");
        IOException refusal = assertThrows(IOException.class, () -> store.create(key("a"), object("a")));
        assertTrue(refusal.getMessage().contains("no space left on device"), refusal.getMessage());
        assertTrue(store.get(key("a")).isEmpty());

        journal.failure = null;

        assertEquals(1, store.create(key("a"), object("a")).resourceVersion());
    }

    @Test
    void a_writer_with_a_bug_harms_only_itself() throws Exception {
        ObjectNode tree = ObjectCodec.json().createObjectNode().put("metadata", "no object");

        assertThrows(IllegalArgumentException.class, () -> store.create(key("a"), ApiObject.of(tree)));

        assertEquals(1, store.create(key("b"), object("b")).resourceVersion());
    }

    @Test
    void nobody_waits_for_a_store_that_has_broken_down_or_is_closed() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        store.whenBroken(told::countDown);
        journal.error = new OutOfMemoryError("thrown by this test");
        assertThrows(IOException.class, () -> store.create(key("a"), object("a")));
        assertTrue(told.await(10, TimeUnit.SECONDS), "who depends on it can end");
        assertThrows(IOException.class, () -> store.create(key("a"), object("a")));

        store.close();
        assertThrows(IOException.class, () -> store.create(key("a"), object("a")));
    }

    @Test
    void a_store_that_is_closed_has_not_broken_down() throws Exception {
        AtomicBoolean told = new AtomicBoolean();
        store.whenBroken(() -> told.set(true));

        store.create(key("a"), object("a"));
        store.close();

        assertFalse(told.get());
    }

    @Test
    void numbers_that_say_the_same_are_no_difference() throws Exception {
        ObjectNode first = object("a").copyTree();
        first.set("count", IntNode.valueOf(3));
        store.create(key("a"), ApiObject.of(first));
        ObjectNode second = object("a").copyTree();
        second.set("count", LongNode.valueOf(3));

        assertEquals(1, store.update(key("a"), ApiObject.of(second), 1).resourceVersion());
        second.put("count", 4L);
        assertEquals(2, store.update(key("a"), ApiObject.of(second), 1).resourceVersion());
    }

    @Test
    void history_is_bounded_by_its_size_too() throws Exception {
        for (int i = 0; i < 10; i++) {
            ObjectNode large = object("p" + i).copyTree().put("spec", "x".repeat(1 << 20));
            store.create(key("p" + i), ApiObject.of(large));
        }

        assertThrows(ExpiredException.class, () -> store.watchAll(5, event -> {}));
        store.watchAll(9, event -> {}).close();
    }

    private CompletableFuture<ApiObject> writing(String name) {
        CompletableFuture<ApiObject> done = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                done.complete(store.create(key(name), object(name)));
            } catch (IOException | AlreadyExistsException e) {
                done.completeExceptionally(new CompletionException(e));
            }
        });
        return done;
    }

    private void awaitQueued(int writers) {
        SqliteObjectStore waited = assertInstanceOf(SqliteObjectStore.class, store);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (waited.queued() < writers) {
            assertTrue(System.nanoTime() < end, "queued only " + waited.queued());
            Thread.onSpinWait();
        }
    }

    private static ObjectKey key(String name) {
        return new ObjectKey(GroupResource.core("pods"), "default", name);
    }

    private static ApiObject object(String name) {
        ObjectNode tree = ObjectCodec.json().createObjectNode();
        tree.putObject("metadata").put("name", name);
        return ApiObject.of(tree);
    }
}
