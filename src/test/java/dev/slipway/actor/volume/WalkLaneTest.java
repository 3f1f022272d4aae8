package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Walks through large volumes, together.
class WalkLaneTest {
    private static final Instant NOW = Instant.parse("2026-01-31T08:00:00Z");

    private final WalkLane lane = new WalkLane();

    @Test
    void one_walks_at_a_time_and_others_are_told_to_ask_again() {
        assertEquals(Optional.empty(), lane.enter(NOW));

        assertEquals(Optional.of(Duration.ofSeconds(1)), lane.enter(NOW));

        lane.leave(NOW, Duration.ZERO);
        assertEquals(Optional.empty(), lane.enter(NOW));
    }

    @Test
    void walks_take_a_twentieth_of_the_time_however_many_there_are() {
        Instant now = NOW;
        Duration walked = Duration.ZERO;
        for (int i = 0; i < 100; i++) {
            now = now.plus(lane.enter(now).orElse(Duration.ZERO));
            if (i > 0) {
                assertEquals(Optional.empty(), lane.enter(now));
            }
            Duration took = Duration.ofSeconds(1 + i % 7);
            now = now.plus(took);
            walked = walked.plus(took);
            lane.leave(now, took);
        }
        now = now.plus(lane.enter(now).orElseThrow());

        assertEquals(walked.multipliedBy(20), Duration.between(NOW, now));
    }

    @Test
    void a_clock_that_is_set_back_holds_up_nobody() {
        lane.enter(NOW);
        lane.leave(NOW, Duration.ofSeconds(1));
        Instant earlier = NOW.minusSeconds(3600);
        assertEquals(Optional.empty(), lane.enter(earlier));

        lane.leave(earlier.minusSeconds(60), Duration.ofSeconds(-60));
        assertEquals(Optional.empty(), lane.enter(earlier.minusSeconds(60)));
    }
}
