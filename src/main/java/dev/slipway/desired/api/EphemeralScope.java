package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.FieldError;
import dev.slipway.desired.meta.ApiObject;
import java.util.List;

/// The part of a pod that `ephemeralcontainers` is about, and nothing else. Pure.
///
/// @spec https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/ Kubernetes: Ephemeral Containers
final class EphemeralScope {
    private static final String LIST = "ephemeralContainers";

    private EphemeralScope() {}

    /// The pod as it was, with the ephemeral containers that `sent` has.
    static ObjectNode of(ObjectNode sent, ApiObject before) {
        ObjectNode object = before.copyTree();
        take(sent.path("spec").path(LIST), object.withObject("/spec"), LIST);
        take(sent.path("metadata").path("managedFields"), (ObjectNode) object.path("metadata"), "managedFields");
        return object;
    }

    /// What was sent; other writes neither bring ephemeral containers nor take them.
    static ObjectNode unchanged(Draft draft, ApiObject before) throws ApiException {
        ObjectNode object = draft.object();
        if (draft.kind().name().kind().equals("Pod")
                && !object.path("spec").path(LIST).equals(before.spec().path(LIST))) {
            throw ApiException.invalid(
                    draft.kind().name(),
                    before.name(),
                    List.of(new FieldError(
                            "spec." + LIST,
                            "FieldValueForbidden",
                            "Forbidden: is changed by the subresource ephemeralcontainers only")));
        }
        return object;
    }

    private static void take(JsonNode value, ObjectNode parent, String field) {
        if (value.isMissingNode()) {
            parent.remove(field);
        } else {
            parent.set(field, value.deepCopy());
        }
    }
}
