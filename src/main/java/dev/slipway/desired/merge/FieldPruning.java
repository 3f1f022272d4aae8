package dev.slipway.desired.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;

/// Takes fields out of an object, and the maps and lists that become empty by it.
final class FieldPruning {
    private FieldPruning() {}

    /// Removes `gone` from `object`.
    static void remove(ObjectNode object, FieldSet gone) {
        gone.children().forEach((step, below) -> removeField(object, step.substring(2), below));
    }

    private static void removeField(ObjectNode object, String name, FieldSet gone) {
        JsonNode value = object.path(name);
        if (gone.children().isEmpty()) {
            object.remove(name);
            return;
        }
        if (value instanceof ObjectNode map) {
            remove(map, gone);
        } else if (value instanceof ArrayNode list) {
            removeItems(name, list, gone);
        }
        if (value.isContainerNode() && value.isEmpty()) {
            object.remove(name);
        }
    }

    private static void removeItems(String name, ArrayNode list, FieldSet gone) {
        ListRule rule = MergeSchema.rule(name, list);
        Iterator<JsonNode> items = list.iterator();
        while (items.hasNext()) {
            JsonNode item = items.next();
            String step = rule instanceof ListRule.Keyed keyed ? ListKeys.step(item, keyed) : "v:" + item;
            FieldSet below = gone.child(step);
            if (below.isMember()) {
                items.remove();
            } else if (item instanceof ObjectNode map) {
                remove(map, below);
            }
        }
    }
}
