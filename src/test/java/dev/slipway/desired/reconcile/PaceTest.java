package dev.slipway.desired.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final FakeDelays delays = new FakeDelays();
    private final AtomicInteger told = new AtomicInteger();
    private final Pace pace =
            new Pace(PAUSE, new Schedule(InstantSource.system(), delays, Runnable::run), told::incrementAndGet);

    private void assertTold(int times) {
        assertEquals(times, told.get());
    }

    @Test
    void the_first_time_is_told_of_at_once_and_those_within_the_pause_at_its_end() {
        pace.happened();
        assertTold(1);
        pace.happened();
        pace.happened();
        assertTold(1);

        delays.advance(PAUSE);

        assertTold(2);
        delays.advance(PAUSE);
        assertTold(2);
        assertEquals(0, delays.waiting());
    }

    @Test
    void after_a_pause_in_which_nothing_happened_the_next_time_is_told_of_at_once() {
        pace.happened();
        delays.advance(PAUSE);
        assertTold(1);

        pace.happened();

        assertTold(2);
    }

    @Test
    void what_is_told_of_at_the_end_of_a_pause_begins_another() {
        pace.happened();
        pace.happened();
        delays.advance(PAUSE);
        pace.happened();
        assertTold(2);

        delays.advance(PAUSE);

        assertTold(3);
    }
}
