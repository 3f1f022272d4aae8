package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Whether pods count: those that have ended or are on their way out do not. Pure.
final class PodAvailability {
    private PodAvailability() {}

    /// Whether the pod lives, or is going to.
    static boolean isActive(ApiObject pod) {
        return pod.deletionTimestamp().isEmpty() && !hasEnded(pod);
    }

    static boolean hasEnded(ApiObject pod) {
        String phase = pod.status().path("phase").asText();
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    static boolean isReady(ApiObject pod) {
        return readySince(pod).isPresent();
    }

    /// Since when it is ready; empty when it is not.
    static Optional<Instant> readySince(ApiObject pod) {
        for (JsonNode condition : pod.status().path("conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return condition.path("status").asText().equals("True")
                        ? Optional.of(time(condition.path("lastTransitionTime").asText()))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    static boolean isAvailable(ApiObject pod, Duration minReady, Instant now) {
        return readySince(pod)
                .filter(since -> !since.plus(minReady).isAfter(now))
                .isPresent();
    }

    /// In how long the next of the ready pods becomes available; empty when all of them are.
    static Optional<Duration> untilNext(Collection<ApiObject> pods, Duration minReady, Instant now) {
        return pods.stream()
                .flatMap(pod -> readySince(pod).stream())
                .map(since -> since.plus(minReady))
                .filter(moment -> moment.isAfter(now))
                .min(Comparator.naturalOrder())
                .map(moment -> Duration.between(now, moment));
    }

    /// A time that people or other programs may have written wrong: then long ago.
    static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }
}
