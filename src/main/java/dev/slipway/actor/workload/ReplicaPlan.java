package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a ReplicaSet lacks and what it has too much of. Pure.
///
/// @param missing how many pods to make now
/// @param later when the next is to be made of those that are missing too, but whose last pod has just ended
/// @param surplus pods to delete, the least useful first
/// @param remains of pods that have ended, all but the latest: one is kept to be looked at
record ReplicaPlan(int missing, Optional<Duration> later, List<ApiObject> surplus, List<ApiObject> remains) {
    /// A pod that ends by itself, as one that is evicted, is not replaced more often than that.
    static final Duration PAUSE = Duration.ofSeconds(10);

    private static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

    private static final Comparator<ApiObject> OLDEST_FIRST =
            Comparator.comparing(pod -> pod.metadata().path("creationTimestamp").asText());

    /// Who goes first: a pod that does not run yet, that is not ready, that costs least, that became ready last,
    /// that was restarted most, that is youngest.
    private static final Comparator<ApiObject> LEAST_USEFUL_FIRST = Comparator.comparing(ReplicaPlan::isRunning)
            .thenComparing(PodAvailability::isReady)
            .thenComparing(ReplicaPlan::deletionCost)
            .thenComparing(ReplicaPlan::readySince, Comparator.reverseOrder())
            .thenComparing(ReplicaPlan::restarts, Comparator.reverseOrder())
            .thenComparing(OLDEST_FIRST.reversed())
            .thenComparing(ApiObject::name);

    /// @param pods those that the set owns
    static ReplicaPlan of(ApiObject set, List<ApiObject> pods, Instant now) {
        List<ApiObject> active = pods.stream().filter(PodAvailability::isActive).toList();
        List<ApiObject> ended = pods.stream()
                .filter(pod ->
                        PodAvailability.hasEnded(pod) && pod.deletionTimestamp().isEmpty())
                .sorted(OLDEST_FIRST.reversed().thenComparing(ApiObject::name))
                .toList();
        List<Duration> pauses = ended.stream()
                .map(pod -> Duration.between(now, madeAt(pod).plus(PAUSE)))
                .filter(Duration::isPositive)
                .sorted()
                .toList();
        int missing = Replicas.wanted(set) - active.size();
        int paused = Math.clamp(missing, 0, pauses.size());
        List<ApiObject> surplus = active.stream()
                .sorted(LEAST_USEFUL_FIRST)
                .limit(Math.max(0, -missing))
                .toList();
        return new ReplicaPlan(
                Math.max(0, missing) - paused,
                paused > 0 ? Optional.of(pauses.getFirst()) : Optional.empty(),
                surplus,
                ended.subList(Math.min(ended.size(), Math.max(1, pauses.size())), ended.size()));
    }

    private static Instant madeAt(ApiObject pod) {
        return PodAvailability.time(pod.metadata().path("creationTimestamp").asText());
    }

    private static boolean isRunning(ApiObject pod) {
        return pod.status().path("phase").asText().equals("Running");
    }

    private static long deletionCost(ApiObject pod) {
        Map<String, String> annotations = pod.annotations();
        try {
            return Integer.parseInt(annotations.getOrDefault(DELETION_COST, "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static Instant readySince(ApiObject pod) {
        return PodAvailability.readySince(pod).orElse(Instant.EPOCH);
    }

    private static int restarts(ApiObject pod) {
        int most = 0;
        for (JsonNode container : pod.status().path("containerStatuses")) {
            most = Math.max(most, container.path("restartCount").asInt());
        }
        return most;
    }
}
