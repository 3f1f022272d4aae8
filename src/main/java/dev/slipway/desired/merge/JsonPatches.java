package dev.slipway.desired.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.zjsonpatch.JsonPatch;
import io.fabric8.zjsonpatch.JsonPatchException;

/// A list of operations on paths of a document.
///
/// @spec https://www.rfc-editor.org/rfc/rfc6902 RFC 6902: JSON Patch
public final class JsonPatches {
    private static final int MOST_OPERATIONS = 10_000;

    private JsonPatches() {}

    /// The patched document; neither argument is changed.
    public static JsonNode apply(JsonNode target, JsonNode patch) throws PatchException {
        if (!patch.isArray() || patch.size() > MOST_OPERATIONS) {
            throw new PatchException("a JSON patch is a list of at most %d operations".formatted(MOST_OPERATIONS));
        }
        JsonNode result = target;
        for (JsonNode operation : patch) {
            result = applyOne(result, operation);
        }
        return result;
    }

    private static JsonNode applyOne(JsonNode target, JsonNode operation) throws PatchException {
        String path = operation.path("path").asText();
        // The library lets a removal of nothing pass; RFC 6902 wants the target location to exist.
        if (operation.path("op").asText().equals("remove") && missing(target, path)) {
            throw new PatchException("remove operation does not apply: doc is missing path: " + path);
        }
        try {
            return JsonPatch.apply(JsonNodeFactory.instance.arrayNode().add(operation), target);
        } catch (JsonPatchException e) {
            throw new PatchException(
                    "the server rejected our request due to an error in our request: " + e.getMessage());
        }
    }

    private static boolean missing(JsonNode target, String path) throws PatchException {
        try {
            return target.at(path).isMissingNode();
        } catch (IllegalArgumentException e) {
            throw new PatchException("the JSON patch is malformed: " + e.getMessage());
        }
    }
}
