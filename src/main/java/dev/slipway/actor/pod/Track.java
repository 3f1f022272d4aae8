package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.slipway.actor.probe.Health;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerState;
import dev.slipway.engine.runtime.PodState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One container of a pod: what is wanted, what the runtime has, and what was recorded.
///
/// @param attempt the latest that the runtime knows
/// @param health of that attempt
record Track(WantedContainer wanted, Optional<Attempt> attempt, Recorded recorded, Health health) {
    private static final int UNKNOWN_EXIT = 137;

    /// @param health by the ids of attempts
    static Track of(
            WantedContainer wanted, PodState state, Map<String, Recorded> recorded, Map<String, Health> health) {
        Optional<Attempt> latest = state.latest(wanted.name());
        return new Track(
                wanted,
                latest,
                recorded.getOrDefault(wanted.name(), new Recorded(MissingNode.getInstance())),
                health.getOrDefault(latest.map(Attempt::id).orElse(""), Health.GOOD));
    }

    String name() {
        return wanted.name();
    }

    /// Where a container stands.
    sealed interface Standing {
        /// It never had a process.
        record Fresh() implements Standing {}

        /// Made, not started.
        record Created() implements Standing {}

        record Alive(boolean isPaused) implements Standing {}

        /// @param lasted zero when nobody knows
        /// @param at `EPOCH` when nobody knows
        record Ended(int exitCode, Duration lasted, Instant at) implements Standing {}
    }

    Standing standing() {
        if (attempt.isEmpty()) {
            return recorded.hasRun() ? recordedEnd() : new Standing.Fresh();
        }
        return switch (attempt.get().state()) {
            case ContainerState.Created created -> new Standing.Created();
            case ContainerState.Running running -> new Standing.Alive(false);
            case ContainerState.Paused paused -> new Standing.Alive(true);
            case ContainerState.Exited exited ->
                new Standing.Ended(
                        exited.exitCode(),
                        Duration.between(exited.startedAt(), exited.finishedAt()),
                        exited.finishedAt());
            case ContainerState.Lost lost -> new Standing.Ended(UNKNOWN_EXIT, Duration.ZERO, lost.noticedAt());
        };
    }

    boolean isAlive() {
        return standing() instanceof Standing.Alive;
    }

    /// Whether it stands still for as long as its volumes are copied, and nobody has asked for that.
    boolean isHeld() {
        return attempt.map(Attempt::state)
                .filter(state -> state instanceof ContainerState.Paused paused && paused.isHeld())
                .isPresent();
    }

    /// Whether it never had a process.
    boolean isNew() {
        return standing() instanceof Standing.Fresh || standing() instanceof Standing.Created;
    }

    /// Whether there was a run in this sandbox, or one that failed before there was a process.
    boolean wasTried() {
        return attempt.isPresent() || recorded.failedToStart().isPresent();
    }

    /// Whether it runs and has said that it has started, so far as it is asked.
    boolean hasStarted() {
        return isAlive() && health.started();
    }

    /// The number that the next attempt gets.
    int next() {
        return attempt.map(latest ->
                        latest.state() instanceof ContainerState.Created ? latest.number() : latest.number() + 1)
                .orElse(recorded.hasRun() ? recorded.restartCount() + 1 : 0);
    }

    /// How a container comes to what it may use now.
    enum Resize {
        NONE,
        IN_PLACE,
        WITH_RESTART
    }

    Resize resize() {
        String known = attempt.map(Attempt::id).orElse("");
        JsonNode has = recorded.status().path("resources");
        JsonNode wants = wanted.spec().path("resources");
        boolean isKnown = !known.isEmpty() && known.equals(recorded.id());
        if (!isKnown || has.equals(wants) || has.isEmpty() && wants.isEmpty()) {
            return Resize.NONE;
        }
        for (JsonNode policy : wanted.spec().path("resizePolicy")) {
            String resource = policy.path("resourceName").asText();
            boolean restarts = policy.path("restartPolicy").asText().equals("RestartContainer");
            if (restarts && !amounts(has, resource).equals(amounts(wants, resource))) {
                return Resize.WITH_RESTART;
            }
        }
        return Resize.IN_PLACE;
    }

    private static List<JsonNode> amounts(JsonNode resources, String resource) {
        return List.of(
                resources.path("limits").path(resource),
                resources.path("requests").path(resource));
    }

    /// Whether what ran last was made of another image than is wanted now, or began too early.
    boolean isOutdated() {
        String known = attempt.map(Attempt::id).orElse("").equals(recorded.id()) ? recorded.image() : "";
        return !known.isEmpty() && !known.equals(wanted.image()) || isToBeginAgain();
    }

    /// Whether somebody has asked that it begin again since it began.
    boolean isToBeginAgain() {
        Optional<Instant> began =
                attempt.isPresent() ? attempt.map(Attempt::state).flatMap(Track::began) : recorded.failedToStart();
        return began.filter(wanted.notBefore()::isAfter).isPresent();
    }

    private static Optional<Instant> began(ContainerState state) {
        return switch (state) {
            case ContainerState.Running running -> Optional.of(running.startedAt());
            case ContainerState.Paused paused -> Optional.of(paused.startedAt());
            case ContainerState.Exited exited -> Optional.of(exited.startedAt());
            case ContainerState.Created created -> Optional.empty();
            // It began some time before.
            case ContainerState.Lost lost -> Optional.of(lost.noticedAt());
        };
    }

    private Standing.Ended recordedEnd() {
        return recorded.terminated()
                .map(end -> new Standing.Ended(
                        end.path("exitCode").asInt(),
                        Duration.between(
                                Recorded.time(end.path("startedAt")).orElse(Instant.EPOCH),
                                Recorded.time(end.path("finishedAt")).orElse(Instant.EPOCH)),
                        Recorded.time(end.path("finishedAt")).orElse(Instant.EPOCH)))
                .orElse(new Standing.Ended(UNKNOWN_EXIT, Duration.ZERO, Instant.EPOCH));
    }
}
