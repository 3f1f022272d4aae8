package dev.slipway.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Pace pace = new Pace(MINUTE, 1000);

    @Test
    void one_who_sends_nothing_is_waited_for_once() {
        assertEquals(MINUTE, pace.patience());

        pace.moved(MINUTE, 0);

        assertEquals(Duration.ZERO, pace.patience());
    }

    @Test
    void one_who_lets_a_byte_fall_now_and_then_is_not_waited_for_for_ever() {
        int falls = 0;
        while (!pace.patience().isZero() && falls < 1000) {
            pace.moved(Duration.ofSeconds(10), 1);
            falls++;
        }

        assertEquals(7, falls);
    }

    @Test
    void one_who_is_fast_enough_may_take_for_ever_and_pause_as_long_as_anybody() {
        for (int i = 0; i < 1000; i++) {
            pace.moved(Duration.ofSeconds(10), 10_000);
            assertEquals(MINUTE, pace.patience());
        }
        pace.moved(Duration.ofSeconds(59), 0);

        assertEquals(Duration.ofSeconds(1), pace.patience());
    }
}
