package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectCodec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Says in the status of a Deployment how its pods stand and how its rollout goes. Pure.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/#DeploymentStatus
///     Kubernetes: DeploymentStatus
final class DeploymentStatus {
    private DeploymentStatus() {}

    /// @param collisions how many names of sets were taken by other templates
    /// @param failure why the newest set could not be made
    static ObjectNode render(
            ApiObject deployment, Revisions revisions, int collisions, Optional<Condition> failure, Instant now) {
        ObjectNode status = ObjectCodec.json().createObjectNode();
        List<ApiObject> sets = revisions.all();
        int available = sets.stream()
                .mapToInt(set -> set.status().path("availableReplicas").asInt())
                .sum();
        status.put("observedGeneration", deployment.generation());
        count(status, "replicas", sets.stream().mapToInt(Replicas::existing).sum());
        count(
                status,
                "updatedReplicas",
                revisions.newest().map(Replicas::existing).orElse(0));
        count(status, "readyReplicas", sets.stream().mapToInt(Replicas::ready).sum());
        count(status, "availableReplicas", available);
        count(status, "unavailableReplicas", Math.max(0, Replicas.wanted(sets) - available));
        count(status, "collisionCount", collisions);
        new DeploymentConditions(deployment, revisions, now).write(status, failure);
        return status;
    }

    /// As Kubernetes, which leaves zero out.
    private static void count(ObjectNode status, String field, int number) {
        if (number > 0) {
            status.put(field, number);
        }
    }

    /// Whether there are as many pods as there shall be, all of the newest version and, unless they are declared at
    /// rest, available.
    static boolean isComplete(ApiObject deployment, ObjectNode status) {
        int wanted = Replicas.wanted(deployment);
        return status.path("updatedReplicas").asInt() == wanted
                && status.path("replicas").asInt() == wanted
                && (status.path("availableReplicas").asInt() == wanted
                        || DesiredState.of(deployment).isRest());
    }

    /// When the rollout counts as stuck if nothing moves until then; empty when it does not wait for anything.
    static Optional<Instant> deadline(ApiObject deployment, ObjectNode status) {
        return deployment.spec().path("paused").asBoolean()
                        || !Conditions.isTrue(status, DeploymentConditions.PROGRESSING)
                        || isComplete(deployment, status)
                ? Optional.empty()
                : DeploymentConditions.deadline(deployment, status);
    }
}
