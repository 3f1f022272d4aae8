package dev.slipway.actor.pod;

import dev.slipway.actor.probe.Health;
import java.time.Duration;
import java.time.Instant;

/// One thing to do about a pod. Doing it again, or when it is done already, does no harm.
sealed interface PodAction {
    /// Makes what is missing of what the containers share, and brings projected files up to date.
    record EnsureSandbox() implements PodAction {}

    /// Brings the image here and starts a process.
    ///
    /// @param streak restarts in a row, this one counted
    record Start(WantedContainer container, int attempt, int streak) implements PodAction {}

    /// Brings the image here and makes everything but the process.
    record Create(WantedContainer container, int attempt) implements PodAction {}

    /// Asks a container to end, and has it killed at the deadline.
    ///
    /// @param attempt that is to end
    /// @param grace until then; zero kills at once
    record Stop(WantedContainer container, int attempt, Duration grace, Instant deadline, Cause cause)
            implements PodAction {}

    /// Changes what a container may use, while it runs.
    record Resize(WantedContainer container) implements PodAction {}

    record Pause(String container) implements PodAction {}

    record Resume(String container) implements PodAction {}

    /// Forgets a run that has ended.
    record RemoveAttempt(String container, int attempt) implements PodAction {}

    /// Ends what is left of the pod, and takes it out of the store.
    record RemovePod() implements PodAction {}

    /// Why a container is asked to end.
    enum Cause {
        /// The pod is being deleted, or is to rest.
        UNWANTED,
        /// What it runs is no longer what is wanted.
        OUTDATED,
        /// Somebody wants it to begin again.
        RESTART,
        /// It gets other resources, and wants to begin again with them.
        RESIZE,
        /// What it shared with the others is gone.
        SANDBOX_LOST,
        /// The pod has written more to disk than it may.
        EVICTED,
        STARTUP_PROBE,
        LIVENESS_PROBE,
        POST_START_HOOK;

        static Cause of(Health.Cause illness) {
            return switch (illness) {
                case STARTUP_PROBE -> STARTUP_PROBE;
                case LIVENESS_PROBE -> LIVENESS_PROBE;
                case POST_START_HOOK -> POST_START_HOOK;
            };
        }

        /// Whether it has to do with how the container is, and not with what is wanted.
        boolean isIllness() {
            return switch (this) {
                case STARTUP_PROBE, LIVENESS_PROBE, POST_START_HOOK -> true;
                case UNWANTED, OUTDATED, RESTART, RESIZE, SANDBOX_LOST, EVICTED -> false;
            };
        }
    }
}
