package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Walks through large volumes, together.
class WalkLaneTest {
    private static final Instant NOW = Instant.parse("2026-01-31T08:00:00Z");
    private static final ObjectKey DATA = volume("data");
    private static final ObjectKey LOGS = volume("logs");

    private final WalkLane lane = new WalkLane();

    @Test
    void one_walks_at_a_time_and_others_are_told_to_ask_again() {
        assertEquals(Optional.empty(), lane.enter(DATA, NOW));

        assertEquals(Optional.of(Duration.ofSeconds(1)), lane.enter(LOGS, NOW));

        lane.leave(NOW);
        assertEquals(Optional.empty(), lane.enter(LOGS, NOW));
    }

    @Test
    void walks_take_a_twentieth_of_the_time_however_many_there_are() {
        Instant now = NOW;
        Duration walked = Duration.ZERO;
        for (int i = 0; i < 100; i++) {
            now = now.plus(lane.enter(DATA, now).orElse(Duration.ZERO));
            if (i > 0) {
                assertEquals(Optional.empty(), lane.enter(DATA, now));
            }
            Duration took = Duration.ofMillis(100 + 200 * (i % 7));
            now = now.plus(took);
            walked = walked.plus(took);
            lane.leave(now);
        }
        now = now.plus(lane.enter(DATA, now).orElseThrow());

        assertEquals(walked.multipliedBy(20), Duration.between(NOW, now));
    }

    @Test
    void after_a_huge_volume_others_are_measured_within_seconds() {
        lane.enter(DATA, NOW);
        Instant end = NOW.plusSeconds(3600);

        lane.leave(end);

        assertEquals(Optional.of(Duration.ofSeconds(30)), lane.enter(LOGS, end));
        assertEquals(Optional.empty(), lane.enter(LOGS, end.plusSeconds(30)));
    }

    @Test
    void who_waits_long_is_told_to_ask_ever_more_seldom() {
        lane.enter(DATA, NOW);

        assertEquals(Optional.of(Duration.ofSeconds(8)), lane.enter(LOGS, NOW.plusSeconds(8)));
        assertEquals(Optional.of(Duration.ofSeconds(30)), lane.enter(LOGS, NOW.plusSeconds(3600)));
    }

    @Test
    void after_huge_volumes_many_others_are_not_told_to_come_hours_later() {
        Instant now = NOW;
        for (int i = 0; i < 2; i++) {
            lane.enter(DATA, now);
            now = now.plusSeconds(3600);
            lane.leave(now);
            now = now.plusSeconds(30);
        }
        lane.enter(DATA, now);
        lane.enter(LOGS, now);

        assertEquals(Optional.of(Duration.ofMinutes(1)), lane.enter(volume("third"), now));
    }

    @Test
    void many_that_come_together_have_their_turns_in_order_and_ask_a_few_times_each() {
        int many = 200;
        Map<ObjectKey, Instant> comes = new HashMap<>();
        List<ObjectKey> expected = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            expected.add(volume("data-" + i));
        }
        Instant now = NOW;
        List<ObjectKey> walked = new ArrayList<>();
        int asked = 0;
        for (ObjectKey each : expected) {
            comes.put(each, now);
        }
        while (!comes.isEmpty()) {
            ObjectKey next = comes.entrySet().stream()
                    .min(Map.Entry.<ObjectKey, Instant>comparingByValue()
                            .thenComparing(each -> expected.indexOf(each.getKey()), Comparator.naturalOrder()))
                    .orElseThrow()
                    .getKey();
            now = comes.get(next);
            asked++;
            Optional<Duration> wait = lane.enter(next, now);
            if (wait.isPresent()) {
                comes.put(next, now.plus(wait.get()));
                continue;
            }
            comes.remove(next);
            walked.add(next);
            lane.leave(now.plusMillis(50));
        }

        assertEquals(expected, walked);
        assertTrue(asked < 10 * many, asked + " rounds for " + many + " volumes");
    }

    @Test
    void the_turn_of_one_that_does_not_come_passes_to_the_next() {
        lane.enter(volume("first"), NOW);
        Duration told = lane.enter(DATA, NOW).orElseThrow();
        lane.enter(LOGS, NOW);
        lane.leave(NOW);

        assertTrue(lane.enter(LOGS, NOW.plus(told)).isPresent());
        assertEquals(Optional.empty(), lane.enter(LOGS, NOW.plus(told).plusSeconds(11)));
    }

    @Test
    void one_that_need_not_be_measured_any_more_holds_up_nobody() {
        lane.enter(volume("first"), NOW);
        lane.enter(DATA, NOW);
        lane.enter(LOGS, NOW);
        lane.leave(NOW);

        lane.forget(DATA);

        assertEquals(Optional.empty(), lane.enter(LOGS, NOW));
    }

    private static ObjectKey volume(String name) {
        return new ObjectKey(VolumeStorage.VOLUMES, "default", name);
    }
}
