package dev.slipway.door.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.merge.MergeSchema;
import java.util.List;
import java.util.Map;

/// Notes in the schema of a list how two versions of it are merged, so that clients compute patches as the engine
/// applies them.
///
/// @spec https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy Kubernetes: Merge strategy
final class ListNotes {
    private static final Map<String, List<String>> KEYED = MergeSchema.keyedLists();

    private ListNotes() {}

    static void add(ObjectNode schema, Class<?> owner, String property) {
        if (property.equals("finalizers")) {
            schema.put("x-kubernetes-list-type", "set").put("x-kubernetes-patch-strategy", "merge");
        } else if (property.equals("ports") && owner.getSimpleName().endsWith("Container")) {
            keyed(schema, List.of("containerPort", "protocol"));
        } else if (property.equals("ports") && owner.getSimpleName().equals("ServiceSpec")) {
            keyed(schema, List.of("port", "protocol"));
        } else if (KEYED.containsKey(property) && schema.path("items").has("$ref")) {
            keyed(schema, KEYED.getOrDefault(property, List.of()));
        } else {
            schema.put("x-kubernetes-list-type", "atomic");
        }
    }

    private static void keyed(ObjectNode schema, List<String> keys) {
        schema.put("x-kubernetes-list-type", "map");
        keys.forEach(schema.putArray("x-kubernetes-list-map-keys")::add);
        schema.put("x-kubernetes-patch-strategy", "merge");
        schema.put("x-kubernetes-patch-merge-key", keys.getFirst());
    }
}
