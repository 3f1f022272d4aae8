package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// What a ReplicaSet lacks and what it has too much of. Pure.
///
/// @param missing how many pods to make
/// @param surplus pods to delete, the least useful first
/// @param remains of pods that have ended, all but the latest: one is kept to be looked at
record ReplicaPlan(int missing, List<ApiObject> surplus, List<ApiObject> remains) {
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
    static ReplicaPlan of(ApiObject set, List<ApiObject> pods) {
        List<ApiObject> active = pods.stream().filter(PodAvailability::isActive).toList();
        int difference = Replicas.wanted(set) - active.size();
        List<ApiObject> surplus = active.stream()
                .sorted(LEAST_USEFUL_FIRST)
                .limit(Math.max(0, -difference))
                .toList();
        return new ReplicaPlan(Math.max(0, difference), surplus, remains(pods));
    }

    private static List<ApiObject> remains(List<ApiObject> pods) {
        return pods.stream()
                .filter(pod ->
                        PodAvailability.hasEnded(pod) && pod.deletionTimestamp().isEmpty())
                .sorted(OLDEST_FIRST.reversed().thenComparing(ApiObject::name))
                .skip(1)
                .toList();
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
