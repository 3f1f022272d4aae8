package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import java.util.List;

/// The form in which a client wants objects: whole, their metadata only, or as rows of a table.
interface Rendering {
    /// One object.
    ObjectNode object(ApiObject object);

    /// Many objects.
    ///
    /// @param page what the list says of itself
    ObjectNode list(List<ApiObject> objects, Page page);

    /// One object within a watch; `isFirst` on the first of its stream, which tells a table's columns.
    default ObjectNode event(ApiObject object, boolean isFirst) {
        return object(object);
    }

    /// An empty object that tells the version alone, for bookmarks.
    ObjectNode bookmark(ObjectNode metadata);

    /// @param continueToken where the next page begins, empty on the last
    /// @param remaining how many objects follow this page
    record Page(long resourceVersion, String continueToken, long remaining) {
        /// The `metadata` of a list.
        ObjectNode metadata() {
            ObjectNode metadata = JsonNodeFactory.instance.objectNode();
            metadata.put("resourceVersion", Long.toString(resourceVersion));
            if (!continueToken.isEmpty()) {
                metadata.put("continue", continueToken).put("remainingItemCount", remaining);
            }
            return metadata;
        }
    }
}
