package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import org.jspecify.annotations.Nullable;

/// Notes which user gave a field its value, in annotations that nobody else writes: what a client says there is
/// lost, and no field manager owns them. Pure.
final class Authors {
    private Authors() {}

    /// Makes those annotations of `object` say what is so.
    ///
    /// @param before the stored object; null for none
    static void note(Kind kind, ObjectNode object, @Nullable ApiObject before, String user) {
        ObjectNode known = before == null ? ObjectCodec.json().createObjectNode() : before.tree();
        kind.attributed().forEach((annotation, field) -> {
            JsonNode value = object.at(field);
            boolean isKept = !value.isMissingNode() && value.equals(known.at(field));
            String author =
                    isKept ? known.at("/metadata/annotations").path(annotation).asText() : user;
            if (value.isMissingNode() || author.isEmpty()) {
                remove(object, annotation);
            } else {
                object.withObject("/metadata/annotations").put(annotation, author);
            }
        });
    }

    private static void remove(ObjectNode object, String annotation) {
        if (object.at("/metadata/annotations") instanceof ObjectNode annotations && annotations.has(annotation)) {
            annotations.remove(annotation);
            if (annotations.isEmpty()) {
                object.withObject("/metadata").remove("annotations");
            }
        }
    }

    /// The same without those annotations.
    static ObjectNode without(Kind kind, ObjectNode object) {
        if (kind.attributed().isEmpty()) {
            return object;
        }
        ObjectNode bare = object.deepCopy();
        kind.attributed().keySet().forEach(annotation -> remove(bare, annotation));
        return bare;
    }
}
