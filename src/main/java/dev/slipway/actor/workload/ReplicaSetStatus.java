package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Says in the status of a ReplicaSet how its pods stand. Pure.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/replica-set-v1/#ReplicaSetStatus
///     Kubernetes: ReplicaSetStatus
final class ReplicaSetStatus {
    static final String REPLICA_FAILURE = "ReplicaFailure";

    private ReplicaSetStatus() {}

    /// @param pods those that the set owns and that live
    /// @param failure why pods could not be made or deleted
    static ObjectNode render(ApiObject set, List<ApiObject> pods, Optional<Condition> failure, Instant now) {
        Duration minReady = Replicas.minReady(set);
        ObjectNode status = ObjectCodec.json().createObjectNode();
        status.put("observedGeneration", set.generation());
        status.put("replicas", pods.size());
        Map<String, String> labels = ApiObject.of(template(set)).labels();
        count(
                status,
                "fullyLabeledReplicas",
                pods.stream()
                        .filter(pod -> pod.labels().entrySet().containsAll(labels.entrySet()))
                        .count());
        count(
                status,
                "readyReplicas",
                pods.stream().filter(PodAvailability::isReady).count());
        count(
                status,
                "availableReplicas",
                pods.stream()
                        .filter(pod -> PodAvailability.isAvailable(pod, minReady, now))
                        .count());
        if (set.status().path("conditions") instanceof ArrayNode before) {
            status.set("conditions", before.deepCopy());
        }
        failure.ifPresentOrElse(
                condition -> Conditions.set(status, same(set, condition), 0, now),
                () -> Conditions.remove(status, REPLICA_FAILURE));
        if (status.path("conditions").isEmpty()) {
            status.remove("conditions");
        }
        return status;
    }

    /// What fails again of the same spec is told once: the message has the name of a pod in it, another one each
    /// time, and a status that changes starts the next round at once.
    private static Condition same(ApiObject set, Condition failure) {
        return told(set, failure.reason()).orElse(failure);
    }

    /// The failure that the status tells already, if it is of this spec and for this reason.
    static Optional<Condition> told(ApiObject set, String reason) {
        boolean isSameSpec = set.status().path("observedGeneration").asLong() == set.generation();
        return Conditions.find(set.status(), REPLICA_FAILURE)
                .filter(before -> isSameSpec && before.reason().equals(reason));
    }

    private static ObjectNode template(ApiObject set) {
        return set.spec().path("template") instanceof ObjectNode template
                ? template
                : ObjectCodec.json().createObjectNode();
    }

    /// As Kubernetes, which leaves zero out.
    private static void count(ObjectNode status, String field, long number) {
        if (number > 0) {
            status.put(field, (int) number);
        }
    }
}
