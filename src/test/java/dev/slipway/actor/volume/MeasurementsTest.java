package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.volume.TreeUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MeasurementsTest {
    private static final ObjectKey DATA = new ObjectKey(VolumeStorage.VOLUMES, "default", "data");
    private static final List<VolumeUsers.Mount> USED = List.of(new VolumeUsers.Mount("web", "main", "/data", false));
    private static final Duration SHORT = Duration.ofSeconds(10);

    private final Measurements measurements = new Measurements();
    private Instant now = Instant.parse("2026-01-31T08:00:00Z");

    /// A walk of no time through a volume that may hold 1000 bytes.
    private Duration walk(long bytes) {
        TreeUsage usage = new TreeUsage(bytes, 1);
        Duration pause = measurements.afterWalk(DATA, Duration.ZERO, usage, Optional.of(1000L));
        measurements.add(DATA, USED, usage, now, pause);
        return pause;
    }

    @Test
    void a_volume_that_rests_is_walked_through_more_and_more_rarely() {
        assertEquals(SHORT, walk(100));
        assertEquals(Duration.ofSeconds(20), walk(100));
        assertEquals(Duration.ofSeconds(40), walk(150));
        for (int i = 0; i < 5; i++) {
            walk(150);
        }
        assertEquals(Duration.ofMinutes(5), walk(150));
    }

    @Test
    void a_volume_that_grows_or_is_half_full_is_walked_through_often() {
        walk(100);
        walk(100);

        assertEquals(SHORT, walk(151), "it grows");
        assertEquals(Duration.ofSeconds(20), walk(151));
        walk(501);
        assertEquals(SHORT, walk(501), "more than half of it is used");
    }

    @Test
    void a_long_walk_is_followed_by_a_longer_rest() {
        Duration pause = measurements.afterWalk(DATA, Duration.ofSeconds(7), new TreeUsage(999, 1), Optional.of(1000L));

        assertEquals(Duration.ofSeconds(700), pause);
    }

    @Test
    void what_cannot_be_measured_keeps_what_is_known_and_is_tried_later() {
        walk(100);
        now = now.plus(SHORT);
        assertTrue(measurements.isDue(DATA, USED, now));

        measurements.addFailure(DATA, USED, now);

        assertEquals(Optional.of(new TreeUsage(100, 1)), measurements.usage(DATA));
        assertEquals(Optional.of(Measurements.AFTER_FAILURE), measurements.pause(DATA, now));
        assertFalse(measurements.isDue(DATA, USED, now));
    }

    @Test
    void a_clock_that_is_set_back_puts_off_no_measurement() {
        measurements.addFailure(DATA, USED, now);

        now = now.minus(Duration.ofDays(1));

        assertTrue(measurements.isDue(DATA, USED, now));
        assertEquals(Optional.of(Duration.ZERO), measurements.pause(DATA, now));
    }

    @Test
    void what_was_never_measured_has_no_usage() {
        measurements.addFailure(DATA, USED, now);

        assertEquals(Optional.empty(), measurements.usage(DATA));
    }
}
