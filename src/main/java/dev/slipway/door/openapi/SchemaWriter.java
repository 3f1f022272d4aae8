package dev.slipway.door.openapi;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.ModelFields;
import dev.slipway.desired.meta.ObjectCodec;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// Describes Java classes as JSON schemas, and every class that those name, as strict decoding reads them.
///
/// Used by one thread, for one document.
final class SchemaWriter {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    private static final String QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    private static final Map<Class<?>, String[]> SCALARS = scalars();

    private final ObjectMapper mapper = ObjectCodec.json();
    private final Map<String, ObjectNode> schemas = new TreeMap<>();
    private final Deque<JavaType> waiting = new ArrayDeque<>();

    /// The schema of a class, to be used where its value stands; the class itself is described in [#schemas].
    ObjectNode reference(Class<?> type) {
        return reference(mapper.constructType(type));
    }

    /// The schema of whole objects of a kind.
    ObjectNode object(Kind kind) {
        KindName name = kind.name();
        boolean isOwn = !kind.model().getName().startsWith(SchemaNames.KUBERNETES_MODEL);
        String schemaName = isOwn ? SchemaNames.own(name.kind()) : SchemaNames.of(kind.model());
        ObjectNode schema = JSON.objectNode();
        schema.put("type", "object");
        schema.put("description", kind.description());
        ObjectNode properties = schema.putObject("properties");
        new TreeMap<>(ModelFields.ofObject(kind))
                .forEach((field, value) -> properties.set(field, property(kind.model(), value)));
        schema.putArray("x-kubernetes-group-version-kind").add(groupVersionKind(name));
        schemas.put(schemaName, schema);
        return shared(schemaName, schema);
    }

    static ObjectNode groupVersionKind(KindName name) {
        return JSON.objectNode()
                .put("group", name.group())
                .put("version", name.version())
                .put("kind", name.kind());
    }

    /// Every class that was named so far, by its name in the document.
    Map<String, ObjectNode> schemas() {
        while (!waiting.isEmpty()) {
            JavaType type = waiting.pop();
            describe(type, Objects.requireNonNull(schemas.get(SchemaNames.of(type.getRawClass()))));
        }
        return schemas;
    }

    private void describe(JavaType type, ObjectNode schema) {
        schema.put("type", "object");
        JsonClassDescription about = type.getRawClass().getAnnotation(JsonClassDescription.class);
        if (about != null) {
            schema.put("description", about.value());
        }
        ObjectNode properties = schema.putObject("properties");
        new TreeMap<>(ModelFields.of(type.getRawClass()))
                .forEach((name, field) -> properties.set(name, property(type.getRawClass(), field)));
    }

    private ObjectNode property(Class<?> owner, ModelFields.Field field) {
        ObjectNode schema = reference(field.type());
        if (!field.description().isEmpty() && schema.has("$ref")) {
            ObjectNode described = JSON.objectNode().put("description", field.description());
            described.putArray("allOf").add(schema);
            return described;
        }
        if (!field.description().isEmpty()) {
            schema.put("description", field.description());
        }
        if (schema.path("type").asText().equals("array")) {
            ListNotes.add(schema, owner, field.name());
        }
        return schema;
    }

    private ObjectNode reference(JavaType type) {
        Class<?> raw = type.getRawClass();
        String[] scalar = SCALARS.get(raw);
        if (scalar != null) {
            ObjectNode schema = JSON.objectNode().put("type", scalar[0]);
            return scalar.length == 1 ? schema : schema.put("format", scalar[1]);
        }
        if (raw == IntOrString.class) {
            return shared(INT_OR_STRING, JSON.objectNode().put("type", "string").put("format", "int-or-string"));
        }
        if (raw == Quantity.class) {
            return shared(QUANTITY, JSON.objectNode().put("type", "string"));
        }
        if (type.isEnumType()) {
            return enumeration(raw);
        }
        if (type.isCollectionLikeType()) {
            ObjectNode schema = JSON.objectNode().put("type", "array");
            schema.set("items", reference(type.getContentType()));
            return schema;
        }
        if (type.isMapLikeType()) {
            ObjectNode schema = JSON.objectNode().put("type", "object");
            if (type.getContentType().getRawClass() != Object.class) {
                schema.set("additionalProperties", reference(type.getContentType()));
            }
            return schema;
        }
        return ModelFields.isStructured(type) ? named(type) : free();
    }

    private ObjectNode named(JavaType type) {
        String name = SchemaNames.of(type.getRawClass());
        if (!schemas.containsKey(name)) {
            waiting.push(type);
        }
        return shared(name, JSON.objectNode());
    }

    private ObjectNode shared(String name, ObjectNode schema) {
        schemas.putIfAbsent(name, schema);
        return JSON.objectNode().put("$ref", "#/components/schemas/" + name);
    }

    private ObjectNode enumeration(Class<?> type) {
        ObjectNode schema = JSON.objectNode().put("type", "string");
        ArrayNode values = schema.putArray("enum");
        for (Object constant : type.getEnumConstants()) {
            values.add(mapper.<JsonNode>valueToTree(constant));
        }
        return schema;
    }

    /// Any JSON.
    private static ObjectNode free() {
        return JSON.objectNode().put("type", "object").put("x-kubernetes-preserve-unknown-fields", true);
    }

    private static Map<Class<?>, String[]> scalars() {
        Map<Class<?>, String[]> scalars = new HashMap<>();
        for (Class<?> type : Set.of(String.class, char.class, Character.class)) {
            scalars.put(type, new String[] {"string"});
        }
        for (Class<?> type : Set.of(Instant.class, MicroTime.class)) {
            scalars.put(type, new String[] {"string", "date-time"});
        }
        for (Class<?> type : Set.of(int.class, Integer.class, short.class, Short.class)) {
            scalars.put(type, new String[] {"integer", "int32"});
        }
        for (Class<?> type : Set.of(long.class, Long.class)) {
            scalars.put(type, new String[] {"integer", "int64"});
        }
        for (Class<?> type : Set.of(double.class, Double.class, float.class, Float.class)) {
            scalars.put(type, new String[] {"number", "double"});
        }
        for (Class<?> type : Set.of(boolean.class, Boolean.class)) {
            scalars.put(type, new String[] {"boolean"});
        }
        return scalars;
    }
}
