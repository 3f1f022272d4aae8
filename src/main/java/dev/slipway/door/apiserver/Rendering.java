package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.Page;
import dev.slipway.desired.meta.ApiObject;

/// The form in which a client wants objects: whole, their metadata only, or as rows of a table.
interface Rendering {
    /// One object.
    ObjectNode object(ApiObject object);

    /// Many objects, or a part of them.
    ObjectNode list(Page page);

    /// One object within a watch; `isFirst` on the first of its stream, which tells a table's columns.
    default ObjectNode event(ApiObject object, boolean isFirst) {
        return object(object);
    }

    /// An empty object that tells the version alone, for bookmarks.
    ObjectNode bookmark(ObjectNode metadata);

    /// What a list says of itself.
    static ObjectNode metadata(Page page) {
        ObjectNode metadata = JsonNodeFactory.instance.objectNode();
        metadata.put("resourceVersion", Long.toString(page.resourceVersion()));
        if (!page.continueToken().isEmpty()) {
            metadata.put("continue", page.continueToken()).put("remainingItemCount", page.remaining());
        }
        return metadata;
    }
}
