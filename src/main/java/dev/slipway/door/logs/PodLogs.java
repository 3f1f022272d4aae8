package dev.slipway.door.logs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Reason;
import dev.slipway.door.http.Query;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Answers `pods/<name>/log`, and `images/<name>/log` for images that are built.
public final class PodLogs {
    private final ContainerLogs logs;
    private final InstantSource clock;

    public PodLogs(ContainerLogs logs, InstantSource clock) {
        this.logs = logs;
        this.clock = clock;
    }

    public Reply ofBuild(ApiObject image, Query query) {
        LogOptions options = options(query);
        ContainerLogs.Run run = logs.build(image)
                .orElseThrow(() -> RefusedException.badRequest(
                        "image \"%s\" has no log: nothing was made for it yet".formatted(image.name())));
        return new Reply.Stream("text/plain", sink -> new LogReader(run, options, sink).copy());
    }

    public Reply answer(ApiObject pod, String container, Query query) {
        boolean previous = query.flag("previous");
        LogOptions options = options(query);
        ContainerLogs.Run run = logs.run(pod, container, previous)
                .orElseThrow(() -> RefusedException.badRequest(
                        previous ? noPrevious(pod, container) : notStarted(pod, container)));
        return new Reply.Stream("text/plain", sink -> new LogReader(run, options, sink).copy());
    }

    private LogOptions options(Query query) {
        OptionalLong limit = query.number("limitBytes");
        if (limit.isPresent() && limit.getAsLong() < 1) {
            throw RefusedException.badRequest("limitBytes must be greater than 0");
        }
        return new LogOptions(
                query.flag("follow"), query.flag("timestamps"), query.number("tailLines"), since(query), limit);
    }

    private Optional<Instant> since(Query query) {
        Optional<Duration> seconds = query.seconds("sinceSeconds");
        if (seconds.isPresent()) {
            return Optional.of(clock.instant().minus(seconds.get()));
        }
        try {
            return query.optional("sinceTime").map(Instant::parse);
        } catch (DateTimeException e) {
            throw RefusedException.badRequest("sinceTime must be a time as in RFC 3339");
        }
    }

    private static String noPrevious(ApiObject pod, String container) {
        return "previous terminated container \"%s\" in pod \"%s\" not found".formatted(container, pod.name());
    }

    private static String notStarted(ApiObject pod, String container) {
        String reason = Reason.CONTAINER_CREATING.toString();
        for (String list : List.of("containerStatuses", "initContainerStatuses")) {
            for (JsonNode status : pod.status().path(list)) {
                JsonNode waiting = status.at("/state/waiting/reason");
                if (status.path("name").asText().equals(container) && waiting.isTextual()) {
                    reason = waiting.asText();
                }
            }
        }
        return "container \"%s\" in pod \"%s\" is waiting to start: %s".formatted(container, pod.name(), reason);
    }
}
