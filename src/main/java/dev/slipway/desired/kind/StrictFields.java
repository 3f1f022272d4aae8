package dev.slipway.desired.kind;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds fields that nobody knows.
///
/// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#validation-for-unrecognized-or-duplicate-fields
///     Kubernetes: Field validation
public final class StrictFields {
    private static final Set<String> COMMON = Set.of("apiVersion", "kind", "metadata", "status");

    private StrictFields() {}

    /// Paths of unknown fields, `spec.foo` or `spec.containers[0].bar`.
    public static List<String> unknown(ObjectNode object, Kind kind) {
        List<String> unknown = new ArrayList<>();
        boolean own = kind.model().getName().startsWith("dev.slipway.");
        object.properties().forEach(entry -> {
            String name = entry.getKey();
            if (own && !COMMON.contains(name) && !name.equals("spec")) {
                unknown.add(name);
            }
        });
        check(object.path("metadata"), ModelFields.of(ObjectMeta.class), "metadata", unknown);
        if (own) {
            check(object.path("spec"), ModelFields.of(kind.model()), "spec", unknown);
        } else {
            ObjectNode rest = object.objectNode();
            object.properties().forEach(entry -> {
                if (!COMMON.contains(entry.getKey())) {
                    rest.set(entry.getKey(), entry.getValue());
                }
            });
            check(rest, ModelFields.of(kind.model()), "", unknown);
        }
        return unknown;
    }

    private static void check(JsonNode node, Map<String, ModelFields.Field> fields, String path, List<String> unknown) {
        node.properties().forEach(entry -> {
            String at = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            ModelFields.Field field = fields.get(entry.getKey());
            if (field == null) {
                unknown.add(at);
            } else {
                check(entry.getValue(), field.type(), at, unknown);
            }
        });
    }

    private static void check(JsonNode value, JavaType type, String path, List<String> unknown) {
        if (value.isArray() && type.isCollectionLikeType()) {
            for (int i = 0; i < value.size(); i++) {
                check(value.get(i), type.getContentType(), path + "[" + i + "]", unknown);
            }
        } else if (value.isObject() && type.isMapLikeType()) {
            value.properties()
                    .forEach(entry ->
                            check(entry.getValue(), type.getContentType(), path + "." + entry.getKey(), unknown));
        } else if (value.isObject() && ModelFields.isStructured(type)) {
            check(value, ModelFields.of(type.getRawClass()), path, unknown);
        }
    }
}
