package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Reason;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What the status of a pod says about one container: all that is left when the runtime has forgotten it,
/// because the host restarted.
///
/// @param status its entry, or a missing node
record Recorded(JsonNode status) {
    static final String ID_PREFIX = "slipway://";

    /// By the names of the containers that the status knows.
    static Map<String, Recorded> of(ApiObject pod) {
        Map<String, Recorded> recorded = new HashMap<>();
        for (String list : new String[] {"initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"}) {
            for (JsonNode status : pod.status().path(list)) {
                recorded.put(status.path("name").asText(), new Recorded(status));
            }
        }
        return recorded;
    }

    /// Whether it ever had a process.
    boolean hasRun() {
        return isRunning() || terminated().isPresent() || lastTerminated().isPresent();
    }

    boolean isRunning() {
        return status.path("state").path("running").isObject();
    }

    Optional<JsonNode> terminated() {
        return Optional.of(status.path("state").path("terminated")).filter(JsonNode::isObject);
    }

    Optional<JsonNode> lastTerminated() {
        return Optional.of(status.path("lastState").path("terminated")).filter(JsonNode::isObject);
    }

    /// When its program could not be executed, if that was its end.
    Optional<Instant> failedToStart() {
        return terminated()
                .filter(end -> end.path("reason").asText().equals(Reason.START_ERROR.toString()))
                .flatMap(end -> time(end.path("startedAt")));
    }

    int restartCount() {
        return status.path("restartCount").asInt();
    }

    /// The reference that the current run was started with; empty when none was.
    String image() {
        return status.path("containerID").asText().isEmpty()
                ? ""
                : status.path("image").asText();
    }

    /// The id of the current run, or empty.
    String id() {
        return bare(status.path("containerID"));
    }

    /// Whether the end of that run stands in the status.
    boolean knowsEndOf(String id) {
        return terminated().map(end -> bare(end.path("containerID"))).orElse("").equals(id)
                || lastTerminated()
                        .map(end -> bare(end.path("containerID")))
                        .orElse("")
                        .equals(id);
    }

    private static String bare(JsonNode containerId) {
        return containerId.asText().replace(ID_PREFIX, "");
    }

    static Optional<Instant> time(JsonNode node) {
        try {
            return node.isTextual() ? Optional.of(Instant.parse(node.asText())) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
