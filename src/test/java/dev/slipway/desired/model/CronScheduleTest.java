package dev.slipway.desired.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronScheduleTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 3 * * *         | 2026-01-31T02:59:30Z | 2026-01-31T03:00:00Z
            0 3 * * *         | 2026-01-31T03:00:00Z | 2026-02-01T03:00:00Z
            */15 * * * *      | 2026-01-31T23:46:00Z | 2026-02-01T00:00:00Z
            0 3 * * SUN       | 2026-01-01T00:00:00Z | 2026-01-04T03:00:00Z
            0 3 * * 7         | 2026-01-01T00:00:00Z | 2026-01-04T03:00:00Z
            0 0 29 2 *        | 2026-01-01T00:00:00Z | 2028-02-29T00:00:00Z
            30 6-8/2 1 JAN,jul * | 2026-01-01T06:30:00Z | 2026-01-01T08:30:00Z
            0 12 13 * FRI     | 2026-01-01T13:00:00Z | 2026-01-02T12:00:00Z
            @hourly           | 2026-01-01T13:00:01Z | 2026-01-01T14:00:00Z
            """)
    void the_next_time_is_found(String schedule, ZonedDateTime after, ZonedDateTime next) {
        assertEquals(
                Optional.of(next), CronSchedule.parse(schedule).orElseThrow().next(after));
    }

    @Test
    void a_time_that_the_clock_leaves_out_comes_when_it_has_jumped() {
        ZonedDateTime before = ZonedDateTime.parse("2026-03-29T01:00:00+01:00[Europe/Berlin]");

        ZonedDateTime next =
                CronSchedule.parse("30 2 * * *").orElseThrow().next(before).orElseThrow();

        assertTrue(next.isAfter(before) && next.isBefore(before.plusDays(2)), next::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "a * * * *", "5-1 * * * *"
            })
    void what_is_no_schedule_is_refused(String text) {
        assertTrue(CronSchedule.parse(text).isEmpty());
    }

    @Test
    void a_day_that_never_comes_is_not_looked_for_for_ever() {
        assertTrue(CronSchedule.parse("0 0 30 2 *")
                .orElseThrow()
                .next(ZonedDateTime.parse("2026-01-01T00:00:00Z"))
                .isEmpty());
    }

    @Test
    void lengths_of_time_are_read() {
        assertEquals(Optional.of(Duration.ofMinutes(90)), DurationText.parse("1h30m"));
        assertEquals(Optional.of(Duration.ofMillis(250)), DurationText.parse("250ms"));
        assertEquals(Optional.empty(), DurationText.parse("5 minutes"));
    }
}
