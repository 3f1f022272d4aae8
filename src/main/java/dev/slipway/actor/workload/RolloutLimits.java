package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;

/// How far a rollout may go beyond and below the wanted number of pods.
///
/// @param replicas how many pods there shall be
/// @param surge how many more there may be meanwhile
/// @param unavailable how many fewer may be available meanwhile
record RolloutLimits(int replicas, int surge, int unavailable) {
    private static final double WHOLE = 100;

    /// Of percentages surge is rounded up and unavailability down; where both are zero nothing could ever move, so
    /// one pod may be unavailable.
    static RolloutLimits of(ApiObject deployment) {
        int replicas = Replicas.wanted(deployment);
        if (isRecreate(deployment)) {
            return new RolloutLimits(replicas, 0, 0);
        }
        JsonNode rolling = deployment.spec().at("/strategy/rollingUpdate");
        int surge = (int) Math.min(Integer.MAX_VALUE, Math.ceil(share(rolling.path("maxSurge"), replicas)));
        int unavailable = (int) Math.min(replicas, Math.floor(share(rolling.path("maxUnavailable"), replicas)));
        boolean isStuck = surge == 0 && unavailable == 0;
        return new RolloutLimits(replicas, surge, isStuck ? 1 : unavailable);
    }

    static boolean isRecreate(ApiObject deployment) {
        return deployment.spec().at("/strategy/type").asText().equals("Recreate");
    }

    int most() {
        return (int) Math.min(Integer.MAX_VALUE, (long) replicas + surge);
    }

    int fewestAvailable() {
        return Math.max(0, replicas - unavailable);
    }

    private static double share(JsonNode share, int replicas) {
        String text = share.asText();
        return text.endsWith("%")
                ? (double) Long.parseLong(text.substring(0, text.length() - 1)) * replicas / WHOLE
                : share.asInt();
    }
}
