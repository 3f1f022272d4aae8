package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.Page;
import dev.slipway.desired.meta.ApiObject;

/// Only what names objects and says who they belong to, for clients that count or index.
///
/// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches Kubernetes: metadata only
record MetadataOnly() implements Rendering {
    private static final String META = "meta.k8s.io/v1";

    @Override
    public ObjectNode object(ApiObject object) {
        ObjectNode partial = JsonNodeFactory.instance.objectNode();
        partial.put("kind", "PartialObjectMetadata").put("apiVersion", META);
        partial.set("metadata", object.metadata());
        return partial;
    }

    @Override
    public ObjectNode list(Page page) {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("kind", "PartialObjectMetadataList").put("apiVersion", META);
        list.set("metadata", Rendering.metadata(page));
        ArrayNode items = list.putArray("items");
        page.items().forEach(object -> items.add(object(object)));
        return list;
    }

    @Override
    public ObjectNode bookmark(ObjectNode metadata) {
        ObjectNode bookmark = JsonNodeFactory.instance.objectNode();
        bookmark.put("kind", "PartialObjectMetadata").put("apiVersion", META);
        bookmark.set("metadata", metadata);
        return bookmark;
    }
}
