package dev.slipway.actor.probe;

import java.time.Duration;
import java.util.Optional;

/// A check with its rhythm and thresholds.
///
/// @param period from the beginning of one check to that of the next
/// @param grace between the stop signal and the kill when this probe ends the container; empty for the pod's own
/// @param start the rhythm at first, if it is another
/// @spec https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes Kubernetes: Probes
public record Probe(
        Kind kind,
        Check check,
        Duration initialDelay,
        Duration period,
        Duration timeout,
        int successThreshold,
        int failureThreshold,
        Optional<Duration> grace,
        Optional<Start> start) {

    /// One that Kubernetes knows: it keeps its rhythm.
    public Probe(
            Kind kind,
            Check check,
            Duration initialDelay,
            Duration period,
            Duration timeout,
            int successThreshold,
            int failureThreshold,
            Optional<Duration> grace) {
        this(kind, check, initialDelay, period, timeout, successThreshold, failureThreshold, grace, Optional.empty());
    }

    /// The rhythm of a run that has not succeeded yet.
    ///
    /// @param lasts from its beginning
    public record Start(Duration lasts, Duration period) {}

    /// From the beginning of one check to that of the next.
    ///
    /// @param age of the run
    /// @param succeeds whether the probe does so
    Duration period(Duration age, boolean succeeds) {
        return start.filter(rhythm -> !succeeds && age.compareTo(rhythm.lasts()) < 0)
                .map(Start::period)
                .orElse(period);
    }

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
