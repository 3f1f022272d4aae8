package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.Page;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.http.RefusedException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/// Objects as rows of a table, which is what kubectl prints.
///
/// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables Kubernetes: tables
final class TableRows implements Rendering {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final MetadataOnly PARTIAL = new MetadataOnly();

    /// What of the object goes with its row.
    enum Include {
        NONE,
        METADATA,
        OBJECT;

        static Include parse(String text) {
            return switch (text) {
                case "", "Metadata" -> METADATA;
                case "None" -> NONE;
                case "Object" -> OBJECT;
                default -> throw RefusedException.badRequest("includeObject must be None, Metadata or Object");
            };
        }
    }

    private final List<Column> columns;
    private final Include include;
    private final InstantSource clock;

    TableRows(Kind kind, Include include, InstantSource clock) {
        this.columns = kind.table();
        this.include = include;
        this.clock = clock;
    }

    @Override
    public ObjectNode object(ApiObject object) {
        return table(JSON.objectNode().put("resourceVersion", version(object)), List.of(object), true);
    }

    @Override
    public ObjectNode list(Page page) {
        return table(Rendering.metadata(page), page.items(), true);
    }

    @Override
    public ObjectNode event(ApiObject object, boolean isFirst) {
        return table(JSON.objectNode().put("resourceVersion", version(object)), List.of(object), isFirst);
    }

    @Override
    public ObjectNode bookmark(ObjectNode metadata) {
        return table(metadata, List.of(), false);
    }

    private static String version(ApiObject object) {
        return Long.toString(object.resourceVersion());
    }

    private ObjectNode table(ObjectNode metadata, List<ApiObject> objects, boolean hasDefinitions) {
        ObjectNode table = JSON.objectNode().put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
        table.set("metadata", metadata);
        ArrayNode definitions = table.putArray("columnDefinitions");
        if (hasDefinitions) {
            columns.forEach(column -> definitions.add(definition(column)));
        }
        ArrayNode rows = table.putArray("rows");
        Instant now = clock.instant();
        objects.forEach(object -> rows.add(row(object, now)));
        return table;
    }

    private static ObjectNode definition(Column column) {
        return JSON.objectNode()
                .put("name", column.name())
                .put("type", column.type())
                .put("format", column.format())
                .put("description", column.description())
                .put("priority", column.priority());
    }

    private ObjectNode row(ApiObject object, Instant now) {
        ObjectNode row = JSON.objectNode();
        ArrayNode cells = row.putArray("cells");
        columns.forEach(column -> cells.addPOJO(column.cell().apply(object, now)));
        switch (include) {
            case NONE -> row.putNull("object");
            case METADATA -> row.set("object", PARTIAL.object(object));
            case OBJECT -> row.set("object", object.tree());
        }
        return row;
    }
}
