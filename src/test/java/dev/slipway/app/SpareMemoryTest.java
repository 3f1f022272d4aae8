package dev.slipway.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SpareMemoryTest {
    private static final Duration A_MOMENT = Duration.ofMillis(400);

    private final Recorded recorded = new Recorded();
    private final SpareMemory memory = new SpareMemory(() -> recorded.version, recorded);
    private Instant now = Instant.EPOCH;

    @Test
    void memory_is_given_back_when_work_is_over_however_often_others_wake_us() throws IOException {
        work();
        lookFor(Duration.ofSeconds(3));

        assertEquals(1, recorded.collections);
        assertEquals(1, recorded.lettings);
        assertTrue(memory.isGivenBack());
    }

    @Test
    void nothing_is_given_back_in_the_midst_of_work() throws IOException {
        for (int i = 0; i < 100; i++) {
            work();
            lookFor(A_MOMENT);
        }

        assertEquals(0, recorded.collections);
        assertEquals(0, recorded.lettings);
        assertFalse(memory.isGivenBack());
    }

    /// Each answer leaves some, and others wake us at any time.
    @Test
    void garbage_of_those_who_only_ask_is_collected_now_and_then() throws IOException {
        work();
        lookFor(SpareMemory.QUIET);
        for (int i = 0; i < 100; i++) {
            recorded.heapBytes += SpareMemory.WORTH_IT_BYTES;
            lookFor(A_MOMENT);
        }

        assertEquals(A_MOMENT.multipliedBy(100).dividedBy(SpareMemory.BETWEEN_LETTINGS), recorded.collections);
    }

    @Test
    void each_burst_is_followed_by_one_giving_back() throws IOException {
        for (int i = 0; i < 3; i++) {
            work();
            lookFor(SpareMemory.BETWEEN_LETTINGS);
        }

        assertEquals(3, recorded.collections);
        assertEquals(3, recorded.lettings);
        assertEquals(3, recorded.packings);
    }

    @Test
    void what_is_softly_held_is_collected_once_more_and_no_oftener() throws IOException {
        work();
        lookFor(SpareMemory.QUIET.plus(SpareMemory.BETWEEN_LETTINGS));
        assertEquals(1, recorded.collections);

        lookFor(SpareMemory.BETWEEN_LETTINGS.multipliedBy(5));

        assertEquals(2, recorded.collections);
        assertEquals(recorded.collections, recorded.lettingsOfCode);
    }

    @Test
    void what_is_softly_held_waits_until_there_is_no_more_work() throws IOException {
        work();
        lookFor(SpareMemory.QUIET.plus(A_MOMENT));
        for (int i = 0; i < 10; i++) {
            recorded.version++;
            lookFor(SpareMemory.BETWEEN_LETTINGS);
        }
        assertEquals(1, recorded.collections);

        lookFor(SpareMemory.BETWEEN_LETTINGS);

        assertEquals(2, recorded.collections);
    }

    @Test
    void what_comes_back_of_the_startup_cache_is_let_go_of_again() throws IOException {
        work();
        lookFor(SpareMemory.QUIET.plus(SpareMemory.BETWEEN_LETTINGS.multipliedBy(5)));

        assertEquals(5, recorded.lettings);
        assertEquals(1, recorded.packings);
    }

    @Test
    void a_write_that_leaves_no_heap_behind_is_no_reason_to_collect_garbage() throws IOException {
        work();
        lookFor(Duration.ofSeconds(3));
        recorded.version++;
        assertFalse(memory.isGivenBack());
        lookFor(Duration.ofSeconds(3));

        assertEquals(1, recorded.collections);
        assertEquals(2, recorded.lettings);
    }

    @Test
    void heap_that_answers_have_left_behind_is_given_back_without_a_write() throws IOException {
        work();
        lookFor(Duration.ofSeconds(3));
        recorded.heapBytes += SpareMemory.WORTH_IT_BYTES;
        lookFor(SpareMemory.BETWEEN_LETTINGS);

        assertEquals(2, recorded.collections);
        assertEquals(2, recorded.lettings);
    }

    private void work() {
        recorded.version++;
        recorded.heapBytes += SpareMemory.WORTH_IT_BYTES;
    }

    private void lookFor(Duration time) throws IOException {
        for (Instant end = now.plus(time); now.isBefore(end); now = now.plus(A_MOMENT)) {
            memory.look(now);
        }
    }

    private static final class Recorded implements SpareMemory.Memory {
        private long version;
        private long heapBytes = 16 << 20;
        private int collections;
        private int lettings;
        private int lettingsOfCode;
        private int packings;

        @Override
        public void pack() {
            packings++;
        }

        @Override
        public long heapBytes() {
            return heapBytes;
        }

        @Override
        public void shrinkHeap() {
            collections++;
            heapBytes = 16 << 20;
        }

        @Override
        public void letGoOfStartupCache() {
            lettings++;
        }

        @Override
        public void letGoOfVirtualMachine() {
            lettingsOfCode++;
        }
    }
}
