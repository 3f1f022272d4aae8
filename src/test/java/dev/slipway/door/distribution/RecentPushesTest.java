package dev.slipway.door.distribution;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Repository;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RecentPushesTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final RecentPushes pushes = new RecentPushes();

    private static Repository repository(int number) {
        return new Repository("localhost:5000", "acme/web" + number);
    }

    @Test
    void of_more_than_ten_thousand_the_one_that_was_pushed_to_longest_ago_is_forgotten() {
        for (int i = 0; i < RecentPushes.MOST; i++) {
            pushes.note(repository(i), NOON);
        }
        pushes.note(repository(0), NOON);

        pushes.note(repository(RecentPushes.MOST), NOON);

        assertTrue(isKnown(0), "it was pushed to again");
        assertFalse(isKnown(1));
        assertTrue(isKnown(2));
        assertTrue(isKnown(RecentPushes.MOST));
    }

    private boolean isKnown(int number) {
        return pushes.isAfter(repository(number), NOON.minusSeconds(1));
    }

    @Test
    void what_is_before_the_limit_is_forgotten() {
        pushes.note(repository(1), NOON);
        pushes.note(repository(2), NOON.plusSeconds(2));

        pushes.expire(NOON.plusSeconds(1));

        assertFalse(isKnown(1));
        assertTrue(isKnown(2));
    }
}
