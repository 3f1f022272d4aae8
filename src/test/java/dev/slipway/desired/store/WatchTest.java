package dev.slipway.desired.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a watch promises while many write: no gap, no repetition, and a list plus the watch behind it is the truth.
class WatchTest {
    private static final GroupResource PODS = GroupResource.core("pods");
    private static final int WRITERS = 8;
    private static final int WRITES = 150;
    private static final int TOTAL = WRITERS * WRITES;

    private final ObjectStore store = SqliteObjectStore.over(new NoJournal(), List.of(), 0);

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void every_watch_hears_every_write_once_and_in_order_from_wherever_it_starts() throws Exception {
        List<Hearer> hearers = new ArrayList<>();
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            String owner = "w" + i;
            writers.add(Thread.startVirtualThread(() -> write(owner)));
        }
        for (int i = 0; i < 20; i++) {
            Hearer hearer = new Hearer(store.list(PODS, ""));
            hearers.add(hearer);
            store.watch(PODS, hearer.next - 1, hearer);
        }
        for (Thread writer : writers) {
            writer.join();
        }

        Map<String, String> truth = new TreeMap<>();
        store.list(PODS, "")
                .items()
                .forEach(pod -> truth.put(pod.name(), pod.spec().asText()));
        assertEquals(TOTAL, store.resourceVersion());
        for (Hearer hearer : hearers) {
            hearer.awaitEnd();
            assertEquals(List.of(), hearer.wrong);
            assertEquals(truth, new TreeMap<>(hearer.state));
        }
    }

    private void write(String owner) {
        try {
            for (int i = 0; i < WRITES; i++) {
                ObjectKey key = new ObjectKey(PODS, "default", owner + "-" + i % 5);
                ApiObject current = store.get(key).orElse(null);
                if (current == null) {
                    store.create(key, object(key.name(), "v" + i));
                } else if (i % 4 == 3) {
                    store.delete(key, current.resourceVersion());
                } else {
                    store.update(key, object(key.name(), "v" + i), current.resourceVersion());
                }
            }
        } catch (IOException | AlreadyExistsException | ConflictException e) {
            throw new IllegalStateException("nobody else writes these keys", e);
        }
    }

    private static ApiObject object(String name, String value) {
        ObjectNode tree = ObjectCodec.json().createObjectNode().put("spec", value);
        tree.putObject("metadata").put("name", name);
        return ApiObject.of(tree);
    }

    @Test
    void a_listener_that_could_not_take_in_a_change_is_told_that_it_must_look_again() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        store.watch(PODS, 0, new WatchListener() {
            @Override
            public void happened(StoreEvent event) {
                throw new OutOfMemoryError("thrown by this test");
            }

            @Override
            public void ended() {
                ended.countDown();
            }
        });

        write("w0");

        assertTrue(ended.await(20, TimeUnit.SECONDS), "nobody was told");
    }

    /// Keeps a copy of the store by a list and the events behind it.
    private static final class Hearer implements WatchListener {
        private final Map<String, String> state = new HashMap<>();
        private final List<String> wrong = new ArrayList<>();
        private final CountDownLatch end = new CountDownLatch(1);
        private long next;

        Hearer(ObjectList start) {
            start.items().forEach(pod -> state.put(pod.name(), pod.spec().asText()));
            next = start.resourceVersion() + 1;
            if (next > TOTAL) {
                end.countDown();
            }
        }

        @Override
        public void happened(StoreEvent event) {
            long version = event.object().resourceVersion();
            if (version != next) {
                wrong.add("expected version " + next + ", heard " + version);
            }
            next = version + 1;
            String name = event.key().name();
            String before = state.get(name);
            switch (event) {
                case StoreEvent.Created created -> {
                    expect(before == null, event);
                    state.put(name, created.object().spec().asText());
                }
                case StoreEvent.Updated updated -> {
                    expect(updated.before().spec().asText().equals(before), event);
                    state.put(name, updated.object().spec().asText());
                }
                case StoreEvent.Deleted deleted -> {
                    expect(deleted.object().spec().asText().equals(before), event);
                    state.remove(name);
                }
            }
            if (version == TOTAL) {
                end.countDown();
            }
        }

        private void expect(boolean fits, StoreEvent event) {
            if (!fits) {
                wrong.add(event + " does not follow what was there");
            }
        }

        void awaitEnd() throws InterruptedException {
            assertTrue(end.await(20, TimeUnit.SECONDS), "stopped before version " + next);
        }
    }

    /// Durable enough for a test.
    private static final class NoJournal implements Journal {
        @Override
        public void commit(List<Change> changes) {
            assertTrue(!changes.isEmpty());
        }

        @Override
        public void close() {
            Thread.onSpinWait();
        }
    }
}
