package dev.slipway.actor.tag;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.model.CronSchedule;
import dev.slipway.desired.model.DurationText;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;

/// When a tag may move by itself. Pure.
record MaintenanceWindow(CronSchedule schedule, Duration length, ZoneId zone) {
    /// Empty where the spec has none.
    static Optional<MaintenanceWindow> of(JsonNode window) {
        Optional<CronSchedule> schedule =
                CronSchedule.parse(window.path("schedule").asText());
        Optional<Duration> length = DurationText.parse(window.path("duration").asText());
        return schedule.isEmpty() || length.isEmpty()
                ? Optional.empty()
                : Optional.of(new MaintenanceWindow(
                        schedule.get(),
                        length.get(),
                        zone(window.path("timeZone").asText())));
    }

    private static ZoneId zone(String name) {
        try {
            return name.isEmpty() ? ZoneOffset.UTC : ZoneId.of(name);
        } catch (DateTimeException e) {
            return ZoneOffset.UTC;
        }
    }

    boolean isOpen(Instant now) {
        // An opening at most its length ago has not closed yet.
        return schedule.next(ZonedDateTime.ofInstant(now.minus(length), zone))
                .filter(opening -> !opening.toInstant().isAfter(now))
                .isPresent();
    }

    /// Empty if it never opens again.
    Optional<Instant> nextOpening(Instant now) {
        return schedule.next(ZonedDateTime.ofInstant(now, zone)).map(ZonedDateTime::toInstant);
    }
}
