package dev.slipway.door.health;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Reason;
import java.util.List;
import java.util.Optional;

/// Whether what keeps a number of equal pods has them. Kubernetes gave these kinds no condition `Ready`; they say it in
/// numbers. Pure.
final class ReplicaRules {
    static final String DESIRED_STATE = "slipway.dev/desired-state";
    static final List<String> AT_REST = List.of("Stopped", "Paused");
    private static final List<String> KINDS = List.of("Deployment", "ReplicaSet");

    private ReplicaRules() {}

    static boolean areOf(ApiObject object) {
        return KINDS.contains(object.kind());
    }

    /// What is wrong; empty when all pods are of the newest version and available.
    ///
    /// @param pods to quote one that says why it is not ready
    static Optional<Shortage> shortage(ApiObject object, UnreadyPods pods) {
        JsonNode status = object.status();
        boolean rests = AT_REST.contains(object.annotations().getOrDefault(DESIRED_STATE, ""));
        for (JsonNode condition : status.path("conditions")) {
            if (isFailure(condition, rests)) {
                return Optional.of(new Shortage(
                        condition.path("reason").asText(),
                        condition.path("message").asText()
                                + (type(condition).equals("Progressing") ? cause(object, pods) : "")));
            }
        }
        if (object.spec().path("paused").asBoolean()) {
            return Optional.of(new Shortage(Reason.PAUSED.toString(), "its rollout is paused"));
        }
        int wanted = object.spec().path("replicas").asInt(1);
        int updated = status.path(object.kind().equals("Deployment") ? "updatedReplicas" : "replicas")
                .asInt();
        int available = status.path("availableReplicas").asInt();
        boolean isWhole = updated == wanted
                && (available == wanted || rests)
                && status.path("replicas").asInt() == wanted;
        return isWhole
                ? Optional.empty()
                : Optional.of(new Shortage(
                        Reason.PROGRESSING.toString(),
                        "%d of %d pods are of this version, %d are available%s"
                                .formatted(updated, wanted, available, cause(object, pods))));
    }

    private static String cause(ApiObject object, UnreadyPods pods) {
        return pods.cause(object).map(cause -> "; " + cause).orElse("");
    }

    private static String type(JsonNode condition) {
        return condition.path("type").asText();
    }

    private static boolean isFailure(JsonNode condition, boolean rests) {
        String type = type(condition);
        String status = condition.path("status").asText();
        return type.equals("ReplicaFailure") && status.equals("True")
                || !rests && type.equals("Progressing") && status.equals("False");
    }
}
