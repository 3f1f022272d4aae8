package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.QosClass;

/// What the kernel adds to the badness of a process when it looks for one to kill: the more a container asked for, the
/// later its turn.
///
/// @spec https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/ Kubernetes: Node-pressure
///     Eviction
final class OomScore {
    private static final int GUARANTEED = -997;
    private static final int MOST = 1000;

    private OomScore() {}

    /// A sidecar is not killed before those that it serves.
    ///
    /// @spec https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/753-sidecar-containers KEP-753:
    ///     Sidecar containers
    static int adjustment(PodScope scope, JsonNode container) {
        QosClass qos = QosClass.of(scope.spec());
        int own = adjustment(qos, container, scope.host());
        boolean isSidecar = container.path("restartPolicy").asText().equals("Always");
        for (JsonNode main : scope.spec().path("containers")) {
            own = isSidecar ? Math.min(own, adjustment(qos, main, scope.host())) : own;
        }
        return own;
    }

    private static int adjustment(QosClass qos, JsonNode container, Host host) {
        JsonNode request = container.path("resources").path("requests").path("memory");
        return adjustment(qos, Amounts.bytes(request).orElse(0), host.memoryBytes());
    }

    static int adjustment(QosClass qos, long memoryRequestBytes, long memoryOfHostBytes) {
        return switch (qos) {
            case GUARANTEED -> GUARANTEED;
            case BEST_EFFORT -> MOST;
            case BURSTABLE ->
                Math.clamp(
                        MOST - MOST * Math.min(memoryRequestBytes, memoryOfHostBytes) / Math.max(1, memoryOfHostBytes),
                        MOST + GUARANTEED,
                        MOST - 1);
        };
    }
}
