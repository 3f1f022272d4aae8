package dev.slipway.engine.user;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class IdRangesTest {
    private static final PodUid ONE = new PodUid("one");
    private static final PodUid TWO = new PodUid("two");

    private static final IdRanges.Claims ALONE = new IdRanges.Claims() {
        @Override
        public boolean claim(IdRange range) {
            return true;
        }

        @Override
        public void release(IdRange range) {}

        @Override
        public void retain(Collection<IdRange> kept) {}

        @Override
        public void close() {}
    };

    private final IdRanges ranges = new IdRanges(List.of(), ALONE);

    @Test
    void a_pod_keeps_its_range_and_no_other_has_it() throws IOException {
        IdRange one = take(ONE);

        assertEquals(0, one.first() % IdRanges.SIZE);
        assertEquals(IdRanges.SIZE, one.size());
        assertEquals(one, take(ONE));
        assertNotEquals(one, take(TWO));
    }

    @Test
    void what_an_earlier_engine_gave_is_not_given_again() throws IOException {
        IdRange first = new IdRanges(List.of(), ALONE).take(ONE, IdRanges.SIZE);
        ranges.adopt(ONE, first);

        assertNotEquals(first, take(TWO));
        assertEquals(first, take(ONE));
    }

    @Test
    void ids_that_the_host_gave_to_users_are_left_to_them(@TempDir Path home) throws IOException {
        int first = take(ONE).first();
        Path table = home.resolve("subuid");
        // Half of the first range and a bit of the third.
        Files.writeString(table, "# people\nada:%d:1000\nbob:%d:1\n".formatted(first + 30_000, first + 131_072));

        IdRanges besides = IdRanges.besides(ALONE, table, home.resolve("missing"));

        assertEquals(first + IdRanges.SIZE, besides.take(ONE, IdRanges.SIZE).first());
        assertEquals(first + 3 * IdRanges.SIZE, besides.take(TWO, IdRanges.SIZE).first());
    }

    /// Who looked at all others each time would not come to an end.
    @Test
    @Timeout(20)
    void a_range_that_was_given_back_is_given_again_at_the_end() throws IOException {
        IdRange first = take(ONE);
        int count = 1;
        for (; count < 12_288; count++) {
            take(new PodUid("pod" + count));
        }

        assertThrows(IOException.class, () -> take(TWO));
        ranges.release(ONE);

        assertEquals(first, take(TWO));
    }

    @Test
    void a_larger_range_overlaps_with_no_other() throws IOException {
        IdRange one = take(ONE);
        IdRange large = ranges.take(TWO, 200_000);
        IdRange third = take(new PodUid("three"));

        assertEquals(200_000, large.size());
        assertTrue(large.first() >= one.first() + one.size(), large.toString());
        assertTrue(third.first() >= large.first() + large.size(), third.toString());
        assertEquals(large, ranges.take(TWO, 200_000));
        assertThrows(IOException.class, () -> ranges.take(ONE, Integer.MAX_VALUE));
    }

    @Test
    void who_asks_for_ids_by_number_gets_them_unless_they_are_for_those_who_ask_for_none() throws IOException {
        IdRange wanted = new IdRange(100_000, 65_536);

        assertEquals(wanted, ranges.take(ONE, wanted));
        assertEquals(wanted, ranges.take(TWO, wanted), "two that ask for the same are the same users");
        IdRange given = take(new PodUid("three"));
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> ranges.take(ONE, new IdRange(given.first() - 10, 11)));
        assertTrue(refused.getMessage().contains("cannot be asked for"), refused.getMessage());
    }

    @Test
    void a_pod_that_asks_for_ids_by_number_leaves_its_free_range_to_others() throws IOException {
        IdRange first = new IdRanges(List.of(), ALONE).take(ONE, IdRanges.SIZE);
        ranges.adopt(ONE, first);

        ranges.take(ONE, new IdRange(100_000, 65_536));

        assertEquals(first, take(TWO));
    }

    @Test
    void of_a_range_that_an_earlier_engine_gave_nobody_else_has_a_part() throws IOException {
        IdRange first = take(ONE);
        // As of an engine whose free ranges began elsewhere, and were of another size.
        ranges.adopt(TWO, new IdRange(first.first() + IdRanges.SIZE + 1000, 100_000));
        ranges.adopt(new PodUid("three"), new IdRange(first.first() - 1000, 2000));

        IdRange next = take(new PodUid("four"));
        assertEquals(first.first() + 3 * IdRanges.SIZE, next.first());

        ranges.release(TWO);
        ranges.adopt(TWO, next);
        ranges.release(TWO);
        assertNotEquals(next, take(new PodUid("five")), "another pod has it still");
    }

    @Test
    void what_is_reserved_is_nobodys_until_it_is_handed_over() throws IOException {
        IdRange reserved = ranges.reserve();

        assertNotEquals(reserved, take(ONE));
        ranges.hand(reserved, TWO);
        assertEquals(reserved, take(TWO));
        IdRange again = ranges.reserve();
        ranges.giveBack(again);
        assertNotEquals(again, ranges.reserve());
    }

    @Test
    void root_is_nobodys() {
        assertThrows(IllegalArgumentException.class, () -> new IdRange(0, 65_536));
        assertThrows(IllegalArgumentException.class, () -> new IdRange(Integer.MAX_VALUE, 2));
    }

    private IdRange take(PodUid pod) throws IOException {
        return ranges.take(pod, IdRanges.SIZE);
    }
}
