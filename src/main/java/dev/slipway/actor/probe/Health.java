package dev.slipway.actor.probe;

import java.time.Duration;
import java.util.Optional;

/// What is known of the health of one run.
///
/// @param started its hook has run and its startup probe has succeeded, so far as it has them
/// @param ready it takes requests
/// @param isGreeted its hook has run, if it has one; until then it counts as being created
/// @param illness why it has to be ended
/// @param complaint why it has not started or is not ready, as its probe was answered: `Readiness probe failed: ...`;
///     empty while nobody has answered
public record Health(boolean isGreeted, boolean started, boolean ready, Optional<Illness> illness, String complaint) {
    /// Of a run that nobody asks.
    public static final Health GOOD = new Health(true, true, true, Optional.empty(), "");

    /// @param message for people, may be empty
    /// @param grace between the stop signal and the kill; empty for the pod's own
    public record Illness(Cause cause, String message, Optional<Duration> grace) {}

    public enum Cause {
        STARTUP_PROBE,
        LIVENESS_PROBE,
        POST_START_HOOK
    }
}
