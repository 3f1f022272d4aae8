package dev.slipway.actor.probe;

import java.time.Duration;
import java.util.Optional;

/// A check with its rhythm and thresholds.
///
/// @param period from the beginning of one check to that of the next
/// @param grace between the stop signal and the kill when this probe ends the container; empty for the pod's own
/// @spec https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes Kubernetes: Probes
public record Probe(
        Kind kind,
        Check check,
        Duration initialDelay,
        Duration period,
        Duration timeout,
        int successThreshold,
        int failureThreshold,
        Optional<Duration> grace) {

    /// What follows from it.
    public enum Kind {
        /// Until it succeeds, the others wait; if it fails, the container is ended.
        STARTUP("Startup"),
        /// As long as it succeeds, the container takes requests.
        READINESS("Readiness"),
        /// If it fails, the container is ended.
        LIVENESS("Liveness");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /// As events say it.
        @Override
        public String toString() {
            return text;
        }
    }
}
