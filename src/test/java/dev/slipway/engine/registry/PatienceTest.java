package dev.slipway.engine.registry;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatienceTest {
    private static final Patience PATIENCE = new Patience(
            Duration.ofSeconds(5), Duration.ofSeconds(5), 9, Duration.ofMillis(200), Duration.ofSeconds(2));

    @ParameterizedTest
    @CsvSource({"1, 100, 200", "2, 200, 400", "3, 400, 800", "4, 800, 1600", "5, 1000, 2000", "60, 1000, 2000"})
    void each_pause_is_twice_the_one_before_up_to_the_longest(int attempt, long shortest, long longest) {
        for (int i = 0; i < 100; i++) {
            long pause = PATIENCE.pauseAfter(attempt).toMillis();
            assertTrue(pause >= shortest && pause <= longest, pause + " ms");
        }
    }
}
