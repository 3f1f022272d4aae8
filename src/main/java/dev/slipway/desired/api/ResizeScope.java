package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import java.util.List;

/// The part of a pod that `resize` is about: what its containers may use, and nothing else. Pure.
///
/// @spec https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/ Kubernetes: Resize CPU
///     and Memory Resources
final class ResizeScope {
    private static final List<String> LISTS = List.of("initContainers", "containers");
    private static final List<String> FIELDS = List.of("resources", "resizePolicy");

    private ResizeScope() {}

    /// The pod as it was, with the resources that `sent` has.
    static ObjectNode of(ObjectNode sent, ApiObject before) {
        ObjectNode object = before.copyTree();
        for (String list : LISTS) {
            for (JsonNode container : object.path("spec").path(list)) {
                find(sent.path("spec").path(list), container.path("name").asText(), (ObjectNode) container);
            }
        }
        JsonNode managers = sent.path("metadata").path("managedFields");
        if (!managers.isMissingNode()) {
            ((ObjectNode) object.path("metadata")).set("managedFields", managers);
        }
        return object;
    }

    private static void find(JsonNode containers, String name, ObjectNode target) {
        for (JsonNode sent : containers) {
            if (sent.path("name").asText().equals(name)) {
                FIELDS.stream().filter(sent::has).forEach(field -> target.set(field, sent.get(field)));
            }
        }
    }
}
