package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/// Whether one object is as declared, by what its status says. Pure.
///
/// An object that is stalled, being reconciled or terminating is not as declared. Without those conditions, which
/// Kubernetes' own kinds do not have, `Ready` decides. Own kinds that are at rest without being ready, such as a
/// container that is declared stopped, are as declared.
final class StatusRules {
    private StatusRules() {}

    /// The problem of this object, if it has one.
    ///
    /// @param name how the problem shall name the object
    /// @param expectsStatus whether somebody reports on objects of this kind
    static Optional<Problem> problem(ApiObject object, String name, boolean expectsStatus) {
        if (isControlled(object)) {
            return Optional.empty();
        }
        if (object.deletionTimestamp().isPresent()) {
            String holders = String.join(", ", object.finalizers());
            return Optional.of(new Problem(
                    name,
                    "Terminating",
                    "waits for finalizers: " + holders,
                    object.deletionTimestamp().get()));
        }
        if (expectsStatus && object.status().isEmpty()) {
            return Optional.of(new Problem(name, "Pending", "not looked at yet", created(object)));
        }
        if (hasFinished(object)) {
            return Optional.empty();
        }
        Optional<JsonNode> stalled = condition(object, "Stalled").filter(found -> is(found, "True"));
        Optional<JsonNode> reconciling = condition(object, "Reconciling");
        Optional<JsonNode> ready = condition(object, "Ready").filter(found -> !is(found, "True"));
        Optional<JsonNode> telling = stalled.or(() -> reconciling.isEmpty()
                ? ready
                : reconciling.filter(found -> is(found, "True")).map(found -> ready.orElse(found)));
        return telling.map(found -> problem(object, name, found));
    }

    private static Problem problem(ApiObject object, String name, JsonNode condition) {
        String reason = condition.path("reason").asText();
        String type = condition.path("type").asText();
        return new Problem(
                name,
                reason.isEmpty() ? type + condition.path("status").asText() : reason,
                condition.path("message").asText(),
                time(condition.path("lastTransitionTime").asText()).orElseGet(() -> created(object)));
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

    private static boolean hasFinished(ApiObject object) {
        return object.kind().equals("Pod")
                && object.status().path("phase").asText().equals("Succeeded");
    }

    private static Optional<JsonNode> condition(ApiObject object, String type) {
        for (JsonNode condition : object.status().path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return Optional.of(condition);
            }
        }
        return Optional.empty();
    }

    private static boolean is(JsonNode condition, String status) {
        return condition.path("status").asText().equals(status);
    }

    private static Instant created(ApiObject object) {
        return time(object.metadata().path("creationTimestamp").asText()).orElse(Instant.EPOCH);
    }

    private static Optional<Instant> time(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
