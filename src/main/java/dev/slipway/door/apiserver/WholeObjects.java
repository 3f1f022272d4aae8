package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.Page;
import dev.slipway.desired.meta.ApiObject;

/// Objects as they are stored.
record WholeObjects(String apiVersion, String kind) implements Rendering {
    @Override
    public ObjectNode object(ApiObject object) {
        return object.tree();
    }

    @Override
    public ObjectNode list(Page page) {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("kind", kind + "List").put("apiVersion", apiVersion);
        list.set("metadata", Rendering.metadata(page));
        ArrayNode items = list.putArray("items");
        page.items().forEach(object -> items.add(object(object)));
        return list;
    }

    @Override
    public ObjectNode bookmark(ObjectNode metadata) {
        ObjectNode bookmark = JsonNodeFactory.instance.objectNode();
        bookmark.put("kind", kind).put("apiVersion", apiVersion);
        bookmark.set("metadata", metadata);
        return bookmark;
    }
}
