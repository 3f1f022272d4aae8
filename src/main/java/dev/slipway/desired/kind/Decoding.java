package dev.slipway.desired.kind;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.slipway.desired.meta.NearestName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads an object as the classes of its kind describe it, in one walk over its tree: fields that nobody knows are
/// taken out and named, values of another type are named, a null is as if the field were not there, and a quantity
/// given as a number becomes text. Used by one thread, for one object.
///
/// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#validation-for-unrecognized-or-duplicate-fields
///     Kubernetes: Field validation
public final class Decoding {
    /// Of how many fields is said what they may be meant for: nobody misspells thousands.
    private static final int MOST_MEANT = 20;

    private final List<String> unknown = new ArrayList<>();
    private final List<String> mistyped = new ArrayList<>();

    private Decoding() {}

    /// Walks over `object` and cleans it.
    ///
    /// @param isStatus whether its status is meant; otherwise what stands there is not looked at
    public static Decoding of(ObjectNode object, Kind kind, boolean isStatus) {
        Decoding decoding = new Decoding();
        Map<String, ModelFields.Field> fields = ModelFields.ofObject(kind);
        decoding.clean(object, fields, "");
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            ModelFields.Field field = fields.get(entry.getKey());
            if (field != null && (isStatus || !entry.getKey().equals("status"))) {
                decoding.field(object, field, "");
            }
        }
        return decoding;
    }

    /// The fields that were taken out, each in words: `unknown field "spec.containers[0].comand" (did you mean
    /// "command"?)`.
    public List<String> unknown() {
        return List.copyOf(unknown);
    }

    /// What has the wrong type, each in a sentence.
    public List<String> mistyped() {
        return List.copyOf(mistyped);
    }

    private void object(ObjectNode object, Map<String, ModelFields.Field> fields, String path) {
        clean(object, fields, path);
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            ModelFields.Field field = fields.get(entry.getKey());
            if (field != null) {
                field(object, field, path);
            }
        }
    }

    private void field(ObjectNode parent, ModelFields.Field field, String path) {
        JsonNode value = parent.get(field.name());
        if (value == null) {
            return;
        }
        JsonNode text = value(value, field.type(), path + field.name());
        if (text != null) {
            parent.set(field.name(), text);
        }
    }

    /// @return what to put in its place, if anything
    private @Nullable JsonNode value(JsonNode value, JavaType type, String path) {
        Shape shape = Shape.of(type);
        if (!shape.fits(value)) {
            mistyped.add("cannot unmarshal %s into field %s of type %s".formatted(describe(value), path, shape));
            return null;
        }
        switch (shape) {
            case LIST -> list((ArrayNode) value, type.getContentType(), path);
            case MAP -> map((ObjectNode) value, type.getContentType(), path);
            case OBJECT -> object((ObjectNode) value, ModelFields.of(type.getRawClass()), path + ".");
            case QUANTITY -> {
                return value.isNumber() ? TextNode.valueOf(value.asText()) : null;
            }
            default -> {}
        }
        return null;
    }

    private void list(ArrayNode list, JavaType type, String path) {
        for (int i = 0; i < list.size(); i++) {
            JsonNode text = value(list.get(i), type, path + "[" + i + "]");
            if (text != null) {
                list.set(i, text);
            }
        }
    }

    private void map(ObjectNode map, JavaType type, String path) {
        for (Map.Entry<String, JsonNode> entry : List.copyOf(map.properties())) {
            if (!entry.getValue().isNull()) {
                JsonNode text = value(entry.getValue(), type, path + "." + entry.getKey());
                if (text != null) {
                    map.set(entry.getKey(), text);
                }
            } else if (Shape.of(type) == Shape.STRING) {
                map.put(entry.getKey(), "");
            } else {
                map.remove(entry.getKey());
            }
        }
    }

    /// Takes out nulls and what is not in `fields`.
    private void clean(ObjectNode object, Map<String, ModelFields.Field> fields, String path) {
        Set<Map.Entry<String, JsonNode>> entries = object.properties();
        List<String> out = new ArrayList<>(0);
        for (Map.Entry<String, JsonNode> entry : entries) {
            if (!fields.containsKey(entry.getKey())) {
                unknown.add(unknownField(path, entry.getKey(), fields.keySet()));
                out.add(entry.getKey());
            } else if (entry.getValue().isNull()) {
                out.add(entry.getKey());
            }
        }
        object.remove(out);
    }

    private String unknownField(String path, String name, Set<String> known) {
        String meant = Optional.of(name)
                .filter(each -> unknown.size() < MOST_MEANT)
                .flatMap(each -> NearestName.of(each, known))
                .map(" (did you mean \"%s\"?)"::formatted)
                .orElse("");
        return "unknown field \"%s%s\"%s".formatted(path, name, meant);
    }

    /// Without the value, which may be a secret.
    private static String describe(JsonNode value) {
        return value.isBoolean() ? "bool" : value.getNodeType().name().toLowerCase(Locale.ROOT);
    }
}
