package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.Timestamps;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// The conditions of a Deployment: `Available`, `Progressing` and, when pods cannot be made, `ReplicaFailure`. Pure.
///
/// `Progressing` has a time of its own, `lastUpdateTime`: when something last moved. What has not moved for
/// `progressDeadlineSeconds` has failed, which is told and not acted upon here; a Tag that it is bound to goes back.
///
/// @spec https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status Kubernetes: Deployment
///     status
final class DeploymentConditions {
    static final String PROGRESSING = "Progressing";
    private static final String AVAILABLE = "Available";
    private static final String LAST_UPDATE = "lastUpdateTime";

    private final ApiObject deployment;
    private final Revisions revisions;
    private final Instant now;

    DeploymentConditions(ApiObject deployment, Revisions revisions, Instant now) {
        this.deployment = deployment;
        this.revisions = revisions;
        this.now = now;
    }

    /// @param status with its numbers
    /// @param failure why the newest set could not be made
    void write(ObjectNode status, Optional<Condition> failure) {
        if (deployment.status().path("conditions") instanceof ArrayNode before) {
            status.set("conditions", before.deepCopy());
        }
        set(status, available(status));
        failure.or(() -> progressing(status)).ifPresent(condition -> set(status, condition));
        Optional<Condition> replicaFailure = revisions.newest().stream()
                .flatMap(set -> Conditions.find(set.status(), ReplicaSetStatus.REPLICA_FAILURE).stream())
                .findFirst();
        replicaFailure.ifPresentOrElse(
                condition -> set(status, condition), () -> Conditions.remove(status, ReplicaSetStatus.REPLICA_FAILURE));
    }

    private Condition available(ObjectNode status) {
        RolloutLimits limits = RolloutLimits.of(deployment);
        return status.path("availableReplicas").asInt() >= limits.fewestAvailable()
                ? Condition.yes(AVAILABLE, Reason.MINIMUM_REPLICAS_AVAILABLE, "Deployment has minimum availability.")
                : Condition.no(
                        AVAILABLE,
                        Reason.MINIMUM_REPLICAS_UNAVAILABLE,
                        "Deployment does not have minimum availability.");
    }

    /// Empty when nothing new is to be said.
    private Optional<Condition> progressing(ObjectNode status) {
        if (deployment.spec().path("paused").asBoolean()) {
            return hasReason(Reason.DEPLOYMENT_PAUSED) || hasReason(Reason.PROGRESS_DEADLINE_EXCEEDED)
                    ? Optional.empty()
                    : Optional.of(Condition.unknown(PROGRESSING, Reason.DEPLOYMENT_PAUSED, "Deployment is paused"));
        }
        if (hasReason(Reason.DEPLOYMENT_PAUSED)) {
            return Optional.of(Condition.unknown(PROGRESSING, Reason.DEPLOYMENT_RESUMED, "Deployment is resumed"));
        }
        if (DesiredState.of(deployment).isRest()) {
            return Optional.empty();
        }
        return revisions
                .newest()
                .flatMap(newest -> ofNewest(status, newest))
                .or(() -> step(
                        status,
                        revisions
                                .newest()
                                .map(set -> "ReplicaSet \"%s\"".formatted(set.name()))
                                .orElse("Deployment \"%s\"".formatted(deployment.name()))));
    }

    private Optional<Condition> ofNewest(ObjectNode status, ApiObject newest) {
        String quoted = "\"" + newest.name() + "\"";
        if (DeploymentStatus.isComplete(deployment, status)) {
            return Optional.of(Condition.yes(
                    PROGRESSING,
                    Reason.NEW_REPLICA_SET_AVAILABLE,
                    "ReplicaSet %s has successfully progressed.".formatted(quoted)));
        }
        boolean isOfNewest =
                entry(deployment.status(), PROGRESSING).path("message").asText().contains(quoted);
        return isOfNewest && !hasReason(Reason.REPLICA_SET_CREATE_ERROR)
                ? Optional.empty()
                : Optional.of(begun(newest));
    }

    /// @param who takes the steps
    private Optional<Condition> step(ObjectNode status, String who) {
        if (hasReason(Reason.NEW_REPLICA_SET_AVAILABLE) && revisions.newest().isPresent()) {
            // Its rollout is over; its pods come and go.
            return Optional.empty();
        }
        if (hasMoved(status) || isNewVersionAwaited()) {
            return Optional.of(Condition.yes(PROGRESSING, Reason.REPLICA_SET_UPDATED, who + " is progressing."));
        }
        boolean isLate = deadline(deployment, deployment.status())
                .filter(deadline -> !deadline.isAfter(now))
                .isPresent();
        return isLate
                ? Optional.of(Condition.no(
                        PROGRESSING, Reason.PROGRESS_DEADLINE_EXCEEDED, who + " has timed out progressing."))
                : Optional.empty();
    }

    /// Whether it wants a version since the status was written last that has no set yet, as while old pods go
    /// first: what became of an earlier version says nothing of this one.
    private boolean isNewVersionAwaited() {
        return revisions.newest().isEmpty()
                && deployment.status().path("observedGeneration").asLong() < deployment.generation();
    }

    /// The clock of a rollout begins with it.
    private Condition begun(ApiObject newest) {
        boolean isNew = revisions.old().stream().allMatch(old -> isMadeBefore(old, newest));
        return isNew
                ? Condition.yes(
                        PROGRESSING,
                        Reason.NEW_REPLICA_SET_CREATED,
                        "Created new replica set \"%s\"".formatted(newest.name()))
                : Condition.yes(
                        PROGRESSING,
                        Reason.FOUND_NEW_REPLICA_SET,
                        "Found new replica set \"%s\"".formatted(newest.name()));
    }

    private static boolean isMadeBefore(ApiObject old, ApiObject newest) {
        return Revisions.OLDEST_FIRST.compare(old, newest) < 0;
    }

    private boolean hasReason(Reason reason) {
        return reason().equals(reason.toString());
    }

    private String reason() {
        return entry(deployment.status(), PROGRESSING).path("reason").asText();
    }

    /// Whether there are more new, fewer old, or more working pods than when the status was last written.
    private boolean hasMoved(ObjectNode status) {
        JsonNode before = deployment.status();
        return number(status, "updatedReplicas") > number(before, "updatedReplicas")
                || oldReplicas(status) < oldReplicas(before)
                || number(status, "readyReplicas") > number(before, "readyReplicas")
                || number(status, "availableReplicas") > number(before, "availableReplicas");
    }

    private static int oldReplicas(JsonNode status) {
        return number(status, "replicas") - number(status, "updatedReplicas");
    }

    private static int number(JsonNode status, String field) {
        return status.path(field).asInt();
    }

    /// Until when something has to move, by what `status` says.
    static Optional<Instant> deadline(ApiObject deployment, JsonNode status) {
        JsonNode progressing = entry(status, PROGRESSING);
        boolean isWaiting = !DesiredState.of(deployment).isRest()
                && !progressing.path("reason").asText().equals(Reason.NEW_REPLICA_SET_AVAILABLE.toString())
                && !progressing.path("reason").asText().equals(Reason.DEPLOYMENT_PAUSED.toString());
        Duration limit = Duration.ofSeconds(
                deployment.spec().path("progressDeadlineSeconds").asLong());
        return isWaiting
                ? time(progressing.path(LAST_UPDATE).asText()).map(since -> since.plus(limit))
                : Optional.empty();
    }

    /// What says the same as before keeps its times, except that something moved.
    private void set(ObjectNode status, Condition condition) {
        JsonNode before = entry(status, condition.type());
        boolean isSame =
                before.path("status").asText().equals(condition.status().toString())
                        && before.path("reason").asText().equals(condition.reason())
                        && before.path("message").asText().equals(condition.message());
        boolean isMove = condition.reason().equals(Reason.REPLICA_SET_UPDATED.toString());
        if (!isSame || isMove) {
            Conditions.set(status, condition, 0, now);
            ((ObjectNode) entry(status, condition.type())).put(LAST_UPDATE, Timestamps.seconds(now));
        }
    }

    private static JsonNode entry(JsonNode status, String type) {
        for (JsonNode entry : status.path("conditions")) {
            if (entry.path("type").asText().equals(type)) {
                return entry;
            }
        }
        return MissingNode.getInstance();
    }

    private static Optional<Instant> time(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
