package dev.slipway.engine.user;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdRangesTest {
    private static final PodUid ONE = new PodUid("one");
    private static final PodUid TWO = new PodUid("two");

    @Test
    void a_pod_keeps_its_range_and_no_other_has_it() throws IOException {
        IdRanges ranges = new IdRanges(List.of());

        int one = ranges.take(ONE);

        assertEquals(0, one % IdRanges.SIZE);
        assertEquals(one, ranges.take(ONE));
        assertNotEquals(one, ranges.take(TWO));
    }

    @Test
    void what_an_earlier_engine_gave_is_not_given_again() throws IOException {
        int first = new IdRanges(List.of()).take(ONE);
        IdRanges ranges = new IdRanges(List.of());
        ranges.adopt(ONE, first);

        assertNotEquals(first, ranges.take(TWO));
        assertEquals(first, ranges.take(ONE));
    }

    @Test
    void ids_that_the_host_gave_to_users_are_left_to_them(@TempDir Path home) throws IOException {
        int first = new IdRanges(List.of()).take(ONE);
        Path table = home.resolve("subuid");
        // Half of the first range and a bit of the third.
        Files.writeString(table, "# people\nada:%d:1000\nbob:%d:1\n".formatted(first + 30_000, first + 131_072));

        IdRanges ranges = IdRanges.besides(table, home.resolve("missing"));

        assertEquals(first + IdRanges.SIZE, ranges.take(ONE));
        assertEquals(first + 3 * IdRanges.SIZE, ranges.take(TWO));
    }

    @Test
    void a_range_that_was_given_back_is_given_again_at_the_end() throws IOException {
        IdRanges ranges = new IdRanges(List.of());
        int first = ranges.take(ONE);
        int count = 1;
        for (; count < 12_288; count++) {
            ranges.take(new PodUid("pod" + count));
        }

        assertThrows(IOException.class, () -> ranges.take(TWO));
        ranges.release(ONE);

        assertEquals(first, ranges.take(TWO));
    }
}
