package dev.slipway.door.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.door.usage.UsageMeter.Rate;
import dev.slipway.door.usage.UsageSource.Total;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UsageMeterTest {
    private Duration now = Duration.ofDays(1);
    private final List<Duration> pauses = new ArrayList<>();
    private final UsageMeter meter = new UsageMeter(() -> now.toNanos(), this::pass);
    private double cores = 0.25;
    private int reads;

    @Test
    void the_first_question_waits_for_a_second_reading() throws Exception {
        Rate rate = ask().orElseThrow();

        assertEquals(List.of(Duration.ofMillis(500)), pauses);
        assertEquals(250_000_000, rate.nanocores());
        assertEquals(Duration.ofMillis(500), rate.window());
        assertEquals(7, rate.memoryBytes());
    }

    @Test
    void the_next_question_is_about_the_time_since_the_last() throws Exception {
        Duration spent = Duration.ofSeconds(10);
        ask();
        pauses.clear();
        now = now.plus(spent);

        Rate rate = ask().orElseThrow();

        assertEquals(List.of(), pauses);
        assertEquals(spent, rate.window());
        assertEquals(250_000_000, rate.nanocores());
    }

    @Test
    void questions_close_together_have_a_window_all_the_same() throws Exception {
        ask();
        pauses.clear();
        now = now.plusMillis(100);

        Rate rate = ask().orElseThrow();

        assertEquals(List.of(Duration.ofMillis(400)), pauses);
        assertEquals(Duration.ofMillis(500), rate.window());
    }

    @Test
    void what_was_read_long_ago_is_forgotten() throws Exception {
        ask();
        pauses.clear();
        now = now.plusSeconds(61);

        assertEquals(Duration.ofMillis(500), ask().orElseThrow().window());
    }

    @Test
    void nothing_is_read_while_nobody_asks() throws Exception {
        ask();
        int asked = reads;
        now = now.plusSeconds(30);

        assertEquals(2, asked);
        assertEquals(asked, reads);
    }

    @Test
    void what_has_begun_anew_has_no_rate_yet() throws Exception {
        ask();
        now = now.plusSeconds(5);

        Map<String, Rate> rates =
                meter.measure(Map.of("box", () -> Optional.of(new Total(Duration.ofMillis(1), 7, 1))));

        assertTrue(rates.isEmpty());
    }

    private Optional<Rate> ask() throws Exception {
        return Optional.ofNullable(meter.measure(Map.of("box", this::read)).get("box"));
    }

    private Optional<Total> read() {
        reads++;
        return Optional.of(new Total(Duration.ofNanos(Math.round(now.toNanos() * cores)), 7, 1));
    }

    private void pass(Duration time) {
        pauses.add(time);
        now = now.plus(time);
    }
}
