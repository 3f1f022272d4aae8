package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;

/// Lets an object go that waited for this room.
final class Finalizers {
    private static final WriteOptions ENGINE = WriteOptions.by("");

    private Finalizers() {}

    /// @throws ApiException also when the object has changed since it was seen
    static void remove(ObjectApi objects, Kind kind, ApiObject seen, String finalizer) throws ApiException {
        ObjectNode changes = ObjectCodec.json().createObjectNode();
        ObjectNode metadata = changes.putObject("metadata").put("resourceVersion", "" + seen.resourceVersion());
        ArrayNode kept = metadata.putArray("finalizers");
        seen.finalizers().stream().filter(each -> !each.equals(finalizer)).forEach(kept::add);
        objects.patch(kind, Kinds.key(kind, seen.namespace(), seen.name()), new Patch.Merge(changes), ENGINE);
    }
}
