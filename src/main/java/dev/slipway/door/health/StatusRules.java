package dev.slipway.door.health;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Reason;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Whether one object is as declared, by what its status says. Pure.
///
/// An object that is stalled, being reconciled or terminating is not as declared, and neither is one whose status
/// speaks of an older generation. Kubernetes' own kinds do not have those conditions; there `Ready` decides, or the
/// numbers of pods. An own kind that is at rest without being ready, such as a container that is declared stopped, is
/// as declared.
public final class StatusRules {
    /// Kinds whose objects count as declared while nobody has reported on them.
    private static final Set<String> SILENT =
            Set.of("Namespace", "Event", "ConfigMap", "Secret", "ServiceAccount", "Registry");

    /// Why an object that is being deleted is still there.
    private static final Set<String> LEAVING =
            Set.of(Reason.IMAGE_IN_USE.toString(), Reason.VOLUME_IN_USE.toString(), Reason.TERMINATING.toString());

    private StatusRules() {}

    /// The problem of this object, if it has one.
    ///
    /// @param pods of all objects; what keeps pods quotes one that says why it is not ready
    public static Optional<Problem> problem(ApiObject object, Kind kind, UnreadyPods pods) {
        boolean expectsConditions =
                kind.hasStatus() && !SILENT.contains(kind.name().kind());
        String name = Kinds.key(kind, object.namespace(), object.name()).toString();
        return problem(object, name, expectsConditions, pods);
    }

    /// The problem of this object, if it has one.
    ///
    /// @param name how the problem shall name the object
    /// @param expectsConditions whether somebody reports on objects of this kind
    static Optional<Problem> problem(ApiObject object, String name, boolean expectsConditions, UnreadyPods pods) {
        if (isControlled(object)) {
            return Optional.empty();
        }
        if (object.deletionTimestamp().isPresent()) {
            return Optional.of(problem(
                    name,
                    Reason.TERMINATING,
                    holders(object),
                    askedToGo(object, object.deletionTimestamp().get())));
        }
        if (StorageRules.areOf(object)) {
            return StorageRules.shortage(object).map(shortage -> problem(object, name, shortage));
        }
        if (ReplicaRules.areOf(object) && !isOutdated(object)) {
            return ReplicaRules.shortage(object, pods).map(shortage -> problem(object, name, shortage));
        }
        if (expectsConditions && object.status().path("conditions").isEmpty()) {
            return Optional.of(problem(name, Reason.PROGRESSING, "nothing has been reported yet", lastWrite(object)));
        }
        Optional<Problem> told = telling(object).map(condition -> problem(object, name, condition));
        if (told.isEmpty() && isOutdated(object)) {
            return Optional.of(
                    problem(name, Reason.PROGRESSING, "the last change has not been looked at yet", lastWrite(object)));
        }
        return told;
    }

    /// How an object rests because that is declared: `Stopped` or `Paused`.
    static Optional<String> rest(ApiObject object) {
        if (isControlled(object) || object.deletionTimestamp().isPresent()) {
            return Optional.empty();
        }
        String state = object.kind().equals("Container")
                ? object.spec().path("desiredState").asText()
                : object.annotations().getOrDefault(ReplicaRules.DESIRED_STATE, "");
        return Optional.of(state).filter(ReplicaRules.AT_REST::contains);
    }

    /// What keeps an object that is being deleted: what its status says, or else its finalizers, or its grace.
    private static String holders(ApiObject object) {
        return condition(object, "Reconciling")
                .filter(StatusRules::isTrue)
                .filter(condition -> LEAVING.contains(condition.path("reason").asText()))
                .map(condition -> condition.path("message").asText())
                .orElseGet(() -> object.finalizers().isEmpty()
                        ? "its processes are asked to end, until "
                                + object.metadata().path("deletionTimestamp").asText()
                        : "waits for finalizers: " + String.join(", ", object.finalizers()));
    }

    /// The time stamp of an object with a grace is the end of that.
    private static Instant askedToGo(ApiObject object, Instant end) {
        return end.minusSeconds(
                object.metadata().path("deletionGracePeriodSeconds").asLong());
    }

    private static Problem problem(String name, Reason reason, String message, Instant since) {
        return new Problem(name, reason.toString(), message, since);
    }

    private static Problem problem(ApiObject object, String name, Shortage shortage) {
        return new Problem(name, shortage.reason(), shortage.message(), lastWrite(object));
    }

    private static Problem problem(ApiObject object, String name, JsonNode condition) {
        String reason = condition.path("reason").asText();
        return new Problem(
                name,
                reason.isEmpty() ? "Not" + condition.path("type").asText() : reason,
                condition.path("message").asText(),
                time(condition.path("lastTransitionTime").asText()).orElseGet(() -> lastWrite(object)));
    }

    /// The condition that says why the object is not as declared.
    private static Optional<JsonNode> telling(ApiObject object) {
        Optional<JsonNode> stalled = condition(object, object.kind().equals("Node") ? "NetworkUnavailable" : "Stalled")
                .filter(StatusRules::isTrue);
        if (stalled.isPresent() || isAtRest(object)) {
            return stalled;
        }
        Optional<JsonNode> notReady = condition(object, "Ready").filter(ready -> !isTrue(ready));
        Optional<JsonNode> reconciling = condition(object, "Reconciling");
        return reconciling.isPresent()
                ? reconciling
                        .filter(StatusRules::isTrue)
                        .map(active -> notReady.orElse(active))
                        .or(() -> unfinished(object))
                : notReady;
    }

    /// A Tag is ready for those who use it also while it is back at what it pointed at before, and while what it points
    /// at is not everywhere yet where it is to be pushed to.
    private static Optional<JsonNode> unfinished(ApiObject object) {
        return object.kind().equals("Tag")
                ? Stream.of("RolledOut", "Pushed")
                        .flatMap(type -> condition(object, type).stream())
                        .filter(condition -> condition.path("status").asText().equals("False"))
                        .findFirst()
                : Optional.empty();
    }

    /// The owner answers for what it controls.
    private static boolean isControlled(ApiObject object) {
        for (JsonNode owner : object.metadata().path("ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return true;
            }
        }
        return false;
    }

    /// A pod that has done its work, or that is asked by annotation to stop or to pause and has.
    private static boolean isAtRest(ApiObject object) {
        return object.kind().equals("Pod")
                && (object.status().path("phase").asText().equals("Succeeded")
                        || condition(object, "Stopped")
                                .filter(StatusRules::isTrue)
                                .isPresent()
                        || condition(object, "Paused")
                                .filter(StatusRules::isTrue)
                                .isPresent());
    }

    private static boolean isOutdated(ApiObject object) {
        JsonNode observed = object.status().path("observedGeneration");
        return observed.isNumber() && observed.asLong() < object.generation();
    }

    private static Optional<JsonNode> condition(ApiObject object, String type) {
        for (JsonNode condition : object.status().path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return Optional.of(condition);
            }
        }
        return Optional.empty();
    }

    private static boolean isTrue(JsonNode condition) {
        return condition.path("status").asText().equals("True");
    }

    /// When somebody last wrote fields of the object, or made it.
    private static Instant lastWrite(ApiObject object) {
        Instant last =
                time(object.metadata().path("creationTimestamp").asText()).orElse(Instant.EPOCH);
        for (JsonNode manager : object.metadata().path("managedFields")) {
            Instant written = time(manager.path("time").asText()).orElse(last);
            last = written.isAfter(last) ? written : last;
        }
        return last;
    }

    private static Optional<Instant> time(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
