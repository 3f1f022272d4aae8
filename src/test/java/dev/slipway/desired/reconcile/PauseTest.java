package dev.slipway.desired.reconcile;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PauseTest {
    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");
    private final Pause pause = Pause.of(NOON, Duration.ofMinutes(5));

    @Test
    void it_lasts_from_its_beginning_to_its_end() {
        assertFalse(pause.isOver(NOON));
        assertFalse(pause.isOver(NOON.plusSeconds(299)));
        assertTrue(pause.isOver(NOON.plusSeconds(300)));
    }

    @Test
    void a_clock_that_is_set_back_or_forward_ends_it() {
        assertTrue(pause.isOver(NOON.minus(Duration.ofDays(3))));
        assertTrue(pause.isOver(NOON.plus(Duration.ofDays(3))));
    }
}
