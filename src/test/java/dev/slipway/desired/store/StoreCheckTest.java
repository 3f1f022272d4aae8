package dev.slipway.desired.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// When it is found out that the store cannot be written, by a journal that does what a test says.
class StoreCheckTest {
    private final FakeJournal journal = new FakeJournal();
    private final SqliteObjectStore store = SqliteObjectStore.over(journal, List.of(), 0);
    private volatile Instant now = Instant.parse("2026-01-31T08:00:00Z");
    private final StoreCheck check = StoreCheck.of(store, () -> now, Duration.ofMillis(100));

    @AfterEach
    void close() throws IOException {
        journal.gate.countDown();
        store.close();
    }

    @Test
    void who_asks_often_has_nothing_written() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertEquals("", check.trouble());
            now = now.plusSeconds(1);
        }
        assertEquals(List.of(0), journal.sizes);

        now = now.plusSeconds(5);
        assertEquals("", check.trouble());
        assertEquals(List.of(0, 0), journal.sizes);
        assertEquals(0, store.resourceVersion());
    }

    @Test
    void what_is_written_anyway_is_found_out_enough() throws Exception {
        write("a");

        assertEquals("", check.trouble());

        assertEquals(List.of(1), journal.sizes);
    }

    @Test
    void a_write_that_failed_tells_at_once_and_it_is_over_when_its_cause_is() throws Exception {
        assertEquals("", check.trouble());
        journal.failure = new IOException("no space left on device");
        assertThrows(IOException.class, () -> write("a"));
        assertEquals("no space left on device", check.trouble());
        assertEquals(2, journal.entered.size());
        now = now.plusSeconds(1);
        assertEquals("no space left on device", check.trouble());
        assertEquals(3, journal.entered.size(), "it was tried again");

        journal.failure = null;
        now = now.plusSeconds(1);

        assertEquals("", check.trouble());
    }

    @Test
    void a_disk_that_came_to_be_read_only_is_found_out_though_nobody_writes() throws Exception {
        assertEquals("", check.trouble());
        journal.failure = new IOException("read-only file system");

        now = now.plusSeconds(10);

        assertEquals("read-only file system", check.trouble());
    }

    @Test
    void a_disk_that_does_not_answer_holds_up_one_commit_and_nobody_for_ever() throws Exception {
        journal.gate = new CountDownLatch(1);

        assertTrue(check.trouble().contains("nothing was committed"));
        assertTrue(check.trouble().contains("nothing was committed"));

        assertEquals(0, journal.entered.poll(10, TimeUnit.SECONDS));
        assertEquals(0, store.queued());
        journal.gate.countDown();
        assertEquals("", StoreCheck.of(store, () -> now).trouble());
    }

    @Test
    void a_clock_that_is_set_back_keeps_nothing_for_ever() throws Exception {
        journal.failure = new IOException("no space left on device");
        assertEquals("no space left on device", check.trouble());
        journal.failure = null;

        now = now.minusSeconds(3600);

        assertEquals("", check.trouble());
    }

    @Test
    void a_store_that_is_closed_cannot_be_written() throws Exception {
        store.close();

        assertEquals("the object store is closed", check.trouble());
    }

    private void write(String name) throws Exception {
        ObjectNode tree = ObjectCodec.json().createObjectNode();
        tree.putObject("metadata").put("name", name);
        store.create(new ObjectKey(GroupResource.core("pods"), "default", name), ApiObject.of(tree));
    }
}
