package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.ModelFields;
import dev.slipway.desired.kind.Shape;
import dev.slipway.desired.merge.MergeSchema;
import dev.slipway.desired.meta.ObjectCodec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Writes a kind of our own as a `CustomResourceDefinition`, with the structural schema that a Kubernetes API server
/// wants.
///
/// @spec https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ Kubernetes:
///     CustomResourceDefinitions
final class CrdWriter {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private CrdWriter() {}

    static ObjectNode write(Kind kind) {
        KindName name = kind.name();
        ObjectNode definition = JSON.objectNode();
        definition.put("apiVersion", "apiextensions.k8s.io/v1").put("kind", "CustomResourceDefinition");
        definition.putObject("metadata").put("name", name.plural() + "." + name.group());
        ObjectNode spec = definition.putObject("spec");
        spec.put("group", name.group()).put("scope", name.isNamespaced() ? "Namespaced" : "Cluster");
        ObjectNode names = spec.putObject("names");
        names.put("kind", name.kind()).put("listKind", name.kind() + "List");
        names.put("plural", name.plural()).put("singular", name.singular());
        name.shortNames().forEach(names.putArray("shortNames")::add);
        kind.categories().forEach(names.putArray("categories")::add);
        ObjectNode version = spec.putArray("versions").addObject();
        version.put("name", name.version()).put("served", true).put("storage", true);
        version.putObject("subresources").putObject("status");
        columns(kind.columns(), version.putArray("additionalPrinterColumns"));
        version.putObject("schema").set("openAPIV3Schema", whole(kind));
        return definition;
    }

    private static void columns(List<Column> columns, ArrayNode definitions) {
        for (Column column : columns) {
            if (!column.jsonPath().isEmpty()) {
                boolean isAge = column.equals(Column.AGE);
                definitions
                        .addObject()
                        .put("name", column.name())
                        .put("type", isAge ? "date" : column.type())
                        .put("description", column.description())
                        .put("priority", column.priority())
                        .put("jsonPath", column.jsonPath());
            }
        }
    }

    private static ObjectNode whole(Kind kind) {
        ObjectNode schema = JSON.objectNode().put("type", "object");
        schema.put("description", kind.description());
        schema.putArray("required").add("spec");
        ObjectNode properties = schema.putObject("properties");
        new TreeMap<>(ModelFields.ofObject(kind))
                .forEach((name, field) -> properties.set(
                        name, name.equals("metadata") ? JSON.objectNode().put("type", "object") : property(field)));
        return schema;
    }

    private static ObjectNode property(ModelFields.Field field) {
        ObjectNode schema = value(field.type());
        if (!field.description().isEmpty()) {
            schema.put("description", field.description());
        }
        if (schema.path("type").asText().equals("array")) {
            listNotes(schema, field.name());
        }
        if (MergeSchema.isAtomicMap(field.name())) {
            schema.put("x-kubernetes-map-type", "atomic");
        }
        return schema;
    }

    private static ObjectNode value(JavaType type) {
        ObjectNode schema = JSON.objectNode();
        return switch (Shape.of(type)) {
            case STRING -> enumeration(type, schema.put("type", "string"));
            case INTEGER -> schema.put("type", "integer").put("format", "int32");
            case LONG -> schema.put("type", "integer").put("format", "int64");
            case NUMBER -> schema.put("type", "number");
            case BOOLEAN -> schema.put("type", "boolean");
            case QUANTITY, INT_OR_STRING -> {
                ArrayNode either = schema.putArray("anyOf");
                either.addObject().put("type", "integer");
                either.addObject().put("type", "string");
                yield schema.put("x-kubernetes-int-or-string", true);
            }
            case LIST -> schema.put("type", "array").set("items", value(type.getContentType()));
            case MAP -> schema.put("type", "object").set("additionalProperties", value(type.getContentType()));
            case OBJECT -> object(type.getRawClass());
            case ANY -> schema.put("type", "object").put("x-kubernetes-preserve-unknown-fields", true);
        };
    }

    private static ObjectNode object(Class<?> type) {
        ObjectNode schema = JSON.objectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        new TreeMap<>(ModelFields.of(type)).forEach((name, field) -> properties.set(name, property(field)));
        return schema;
    }

    private static ObjectNode enumeration(JavaType type, ObjectNode schema) {
        if (type.isEnumType()) {
            ArrayNode values = schema.putArray("enum");
            for (Object constant : type.getRawClass().getEnumConstants()) {
                values.add(ObjectCodec.json().<JsonNode>valueToTree(constant));
            }
        }
        return schema;
    }

    /// Keys of a keyed list are required, or have a default.
    private static void listNotes(ObjectNode schema, String name) {
        Map<String, List<String>> keyed = MergeSchema.keyedLists();
        List<String> keys = name.equals("ports") ? List.of("containerPort", "protocol") : keyed.get(name);
        if (keys == null || !schema.path("items").has("properties")) {
            schema.put("x-kubernetes-list-type", "atomic");
            return;
        }
        schema.put("x-kubernetes-list-type", "map");
        ArrayNode mapKeys = schema.putArray("x-kubernetes-list-map-keys");
        ObjectNode item = (ObjectNode) schema.path("items");
        for (String key : keys) {
            mapKeys.add(key);
            if (key.equals("protocol")) {
                ((ObjectNode) item.path("properties").path(key)).put("default", "TCP");
            } else {
                item.withArray("/required").add(key);
            }
        }
    }
}
