package dev.slipway.actor.workload;

import dev.slipway.desired.meta.ApiObject;
import java.time.Duration;
import java.util.Collection;

/// The numbers that ReplicaSets and Deployments speak in. Pure.
final class Replicas {
    private Replicas() {}

    static int wanted(ApiObject workload) {
        return workload.spec().path("replicas").asInt(1);
    }

    static int existing(ApiObject workload) {
        return workload.status().path("replicas").asInt();
    }

    static int ready(ApiObject workload) {
        return workload.status().path("readyReplicas").asInt();
    }

    /// Not more than are wanted: who was asked to have fewer may not have come to it yet.
    static int available(ApiObject set) {
        return Math.min(set.status().path("availableReplicas").asInt(), wanted(set));
    }

    static int wanted(Collection<ApiObject> sets) {
        return sets.stream().mapToInt(Replicas::wanted).sum();
    }

    static Duration minReady(ApiObject workload) {
        return Duration.ofSeconds(workload.spec().path("minReadySeconds").asLong());
    }
}
