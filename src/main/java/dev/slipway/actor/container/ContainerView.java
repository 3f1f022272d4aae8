package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.slipway.actor.pod.PodFacts.ContainerFacts;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Reason;
import java.util.Optional;

/// All that the status of a Container is made of.
///
/// @param pod its own Pod, if there is one
/// @param facts of the container in it
/// @param volumesMissing why a Volume that it names cannot be mounted; empty when all can
/// @param trouble why the last action failed
record ContainerView(
        ApiObject container,
        Optional<ApiObject> pod,
        Optional<ContainerFacts> facts,
        ContainerImage image,
        String volumesMissing,
        Optional<Trouble> trouble) {

    /// @param lasting only a change of an object can help
    record Trouble(String reason, String message, boolean lasting) {}

    String desiredState() {
        return container.spec().path("desiredState").asText("Running");
    }

    /// The Pod's status of its container; missing when there is none.
    JsonNode main() {
        for (JsonNode status : podStatus().path("containerStatuses")) {
            if (status.path("name").asText().equals(ContainerPod.CONTAINER)) {
                return status;
            }
        }
        return MissingNode.getInstance();
    }

    JsonNode podStatus() {
        return pod.<JsonNode>map(ApiObject::status).orElse(MissingNode.getInstance());
    }

    /// What the storage layer may hold, as it was written; empty without a limit.
    String sizeLimit() {
        return container.spec().at("/storageLayer/sizeLimit").asText();
    }

    /// Whether it was ended because it has written too much.
    boolean isEvicted() {
        return podStatus().path("reason").asText().equals(Reason.EVICTED.toString());
    }

    String podPhase() {
        return podStatus().path("phase").asText();
    }

    /// How the last run ended, unless one runs now; missing when none has ended.
    JsonNode ended() {
        JsonNode state = main().path("state");
        if (state.path("running").isObject()) {
            return MissingNode.getInstance();
        }
        return state.path("terminated").isObject()
                ? state.path("terminated")
                : main().path("lastState").path("terminated");
    }
}
