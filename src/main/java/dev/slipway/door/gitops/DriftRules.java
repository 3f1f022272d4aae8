package dev.slipway.door.gitops;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.store.StoreEvent;
import java.util.List;
import java.util.Map;

/// Which changes of a declared object may have to be corrected. Pure.
final class DriftRules {
    private static final List<String> DECLARED_METADATA =
            List.of("labels", "annotations", "finalizers", "ownerReferences");

    private DriftRules() {}

    /// Whether the write may have changed something that a manifest can declare. An object that is on its way out
    /// is left alone until it is gone.
    static boolean concerns(StoreEvent event) {
        return switch (event) {
            case StoreEvent.Created created -> false;
            case StoreEvent.Deleted deleted -> true;
            case StoreEvent.Updated updated ->
                updated.object().deletionTimestamp().isEmpty() && differ(updated.object(), updated.before());
        };
    }

    private static boolean differ(ApiObject after, ApiObject before) {
        for (String field : DECLARED_METADATA) {
            if (!after.metadata().path(field).equals(before.metadata().path(field))) {
                return true;
            }
        }
        return differ(after.tree(), before.tree()) || differ(before.tree(), after.tree());
    }

    /// Whether a field of `left` that clients declare is another in `right`.
    private static boolean differ(JsonNode left, JsonNode right) {
        for (Map.Entry<String, JsonNode> field : left.properties()) {
            String name = field.getKey();
            if (!name.equals("metadata")
                    && !name.equals("status")
                    && !field.getValue().equals(right.path(name))) {
                return true;
            }
        }
        return false;
    }
}
