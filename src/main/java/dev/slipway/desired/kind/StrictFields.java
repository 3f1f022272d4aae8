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

    /// Takes unknown fields out of `object`.
    ///
    /// @return their paths, `spec.foo` or `spec.containers[0].bar`
    public static List<String> remove(ObjectNode object, Kind kind) {
        List<String> unknown = new ArrayList<>();
        boolean own = kind.model().getName().startsWith("dev.slipway.");
        if (own) {
            unknown.addAll(removeAll(object, Set.of("apiVersion", "kind", "metadata", "spec", "status"), ""));
        }
        check(object.path("metadata"), ModelFields.of(ObjectMeta.class), "metadata", unknown);
        if (own) {
            check(object.path("spec"), ModelFields.of(kind.model()), "spec", unknown);
        } else {
            Map<String, ModelFields.Field> fields = ModelFields.of(kind.model());
            unknown.addAll(removeAll(object, fields.keySet(), ""));
            fields.forEach((name, field) -> {
                if (object.has(name) && !COMMON.contains(name)) {
                    check(object.get(name), field.type(), name, unknown);
                }
            });
        }
        return unknown;
    }

    private static void check(JsonNode node, Map<String, ModelFields.Field> fields, String path, List<String> unknown) {
        if (!(node instanceof ObjectNode object)) {
            return;
        }
        unknown.addAll(removeAll(object, fields.keySet(), path + "."));
        fields.forEach((name, field) -> {
            if (object.has(name)) {
                check(object.get(name), field.type(), path + "." + name, unknown);
            }
        });
    }

    private static List<String> removeAll(ObjectNode object, Set<String> known, String prefix) {
        List<String> names = object.properties().stream()
                .map(Map.Entry::getKey)
                .filter(name -> !known.contains(name))
                .toList();
        object.remove(names);
        return names.stream().map(name -> prefix + name).toList();
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
