package dev.slipway.desired.kind;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.model.OwnResources;
import java.util.List;

/// What a container asks for that says only what it may have: as much. A pod says so of itself; what pods are made of
/// does not, because it could not be given lower limits then without that its requests, which nobody has written, are
/// above them.
///
/// @spec https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ Kubernetes: Resource Management
public final class ResourceRequests {
    private ResourceRequests() {}

    /// @param container with `resources`
    public static void complete(JsonNode container) {
        ObjectNode resources = (ObjectNode) container.path("resources");
        for (var limit : List.copyOf(resources.path("limits").properties())) {
            if (!limit.getKey().startsWith(OwnResources.PREFIX)
                    && !resources.path("requests").has(limit.getKey())) {
                resources.withObject("/requests").set(limit.getKey(), limit.getValue());
            }
        }
    }
}
