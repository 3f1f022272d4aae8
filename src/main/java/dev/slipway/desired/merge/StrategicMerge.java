package dev.slipway.desired.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Kubernetes' own patch: like a merge patch, but lists of objects are merged item by item. Directives steer it and are
/// never stored:
///
/// | directive | effect |
/// | --- | --- |
/// | `$patch: replace` | the map, or the whole list, is replaced by the rest of the patch |
/// | `$patch: delete` | the map, or the item with this key, goes |
/// | `$deleteFromPrimitiveList/<list>` | these values go |
/// | `$setElementOrder/<list>` | the order of the items |
/// | `$retainKeys` | fields of the map that are not listed go |
///
/// @spec
/// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
///     Kubernetes: Strategic Merge Patch
public final class StrategicMerge {
    private static final String PATCH = "$patch";
    private static final String RETAIN_KEYS = "$retainKeys";
    private static final String DELETE_FROM = "$deleteFromPrimitiveList/";
    private static final String ORDER = "$setElementOrder/";

    private StrategicMerge() {}

    /// The patched document; neither argument is changed.
    public static ObjectNode apply(ObjectNode target, ObjectNode patch) throws PatchException {
        return mergeMaps(target, patch);
    }

    private static ObjectNode mergeMaps(ObjectNode target, ObjectNode patch) throws PatchException {
        switch (patch.path(PATCH).asText("merge")) {
            case "replace" -> {
                return withoutDirectives(patch);
            }
            case "delete" -> {
                return JsonNodeFactory.instance.objectNode();
            }
            case "merge" -> {}
            default ->
                throw new PatchException(
                        "unknown $patch directive: " + patch.path(PATCH).asText());
        }
        ObjectNode result = target.deepCopy();
        if (patch.has(RETAIN_KEYS)) {
            Set<String> kept = values(patch.path(RETAIN_KEYS));
            result.retain(kept);
        }
        for (Map.Entry<String, JsonNode> change : patch.properties()) {
            mergeField(result, change.getKey(), change.getValue(), patch);
        }
        for (Map.Entry<String, JsonNode> change : patch.properties()) {
            if (change.getKey().startsWith(ORDER)) {
                order(result, change.getKey().substring(ORDER.length()), change.getValue());
            }
        }
        return result;
    }

    private static void mergeField(ObjectNode result, String name, JsonNode change, ObjectNode patch)
            throws PatchException {
        if (name.startsWith(DELETE_FROM)) {
            deleteValues(result, name.substring(DELETE_FROM.length()), values(change));
        } else if (name.startsWith("$")) {
            return;
        } else if (change.isNull()) {
            result.remove(name);
        } else if (change instanceof ObjectNode map) {
            ObjectNode before =
                    result.path(name) instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
            if (map.path(PATCH).asText().equals("delete")) {
                result.remove(name);
            } else {
                result.set(name, mergeMaps(before, map));
            }
        } else if (change instanceof ArrayNode list) {
            result.set(name, mergeLists(name, result.path(name), list, patch.has(ORDER + name)));
        } else {
            result.set(name, change);
        }
    }

    private static ArrayNode mergeLists(String name, JsonNode before, ArrayNode patch, boolean ordered)
            throws PatchException {
        ArrayNode changes = JsonNodeFactory.instance.arrayNode();
        boolean replace = false;
        for (JsonNode item : patch) {
            if (item.path(PATCH).asText().equals("replace")) {
                replace = true;
            } else {
                changes.add(item);
            }
        }
        String key = MergeSchema.strategicKey(name, changes.isEmpty() ? before : changes);
        if (replace || !before.isArray()) {
            return clean(changes);
        }
        if (!key.isEmpty()) {
            return mergeByKey(key, (ArrayNode) before, changes);
        }
        boolean primitives =
                MergeSchema.rule(name, before) instanceof ListRule.ValueSet || ordered && allValues(changes);
        return primitives ? union((ArrayNode) before, changes) : clean(changes);
    }

    private static ArrayNode mergeByKey(String key, ArrayNode before, ArrayNode changes) throws PatchException {
        List<JsonNode> items = new ArrayList<>();
        before.forEach(items::add);
        for (JsonNode change : changes) {
            if (!(change instanceof ObjectNode item) || !item.hasNonNull(key)) {
                throw new PatchException("map: %s does not contain declared merge key: %s".formatted(change, key));
            }
            int at = indexOf(items, key, item.path(key));
            if (item.path(PATCH).asText().equals("delete")) {
                if (at >= 0) {
                    items.remove(at);
                }
            } else if (at < 0) {
                items.add(withoutDirectives(item));
            } else {
                items.set(at, mergeMaps((ObjectNode) items.get(at), item));
            }
        }
        return JsonNodeFactory.instance.arrayNode().addAll(items);
    }

    private static int indexOf(List<JsonNode> items, String key, JsonNode value) {
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).isObject() && items.get(i).path(key).asText().equals(value.asText())) {
                return i;
            }
        }
        return -1;
    }

    private static ArrayNode union(ArrayNode before, ArrayNode changes) {
        ArrayNode union = before.deepCopy();
        Set<JsonNode> known = new HashSet<>();
        before.forEach(known::add);
        changes.forEach(value -> {
            if (known.add(value)) {
                union.add(value);
            }
        });
        return union;
    }

    private static void deleteValues(ObjectNode result, String name, Set<String> gone) {
        if (result.path(name) instanceof ArrayNode list) {
            Iterator<JsonNode> values = list.iterator();
            while (values.hasNext()) {
                if (gone.contains(values.next().asText())) {
                    values.remove();
                }
            }
        }
    }

    /// Sorts a list as the directive says; items that it does not name keep their place behind the named one before
    /// them.
    private static void order(ObjectNode result, String name, JsonNode order) {
        if (!(result.path(name) instanceof ArrayNode list) || list.isEmpty()) {
            return;
        }
        String key = MergeSchema.strategicKey(name, list);
        List<String> wanted = new ArrayList<>();
        order.forEach(item ->
                wanted.add(key.isEmpty() ? item.asText() : item.path(key).asText()));
        List<JsonNode> sorted = new ArrayList<>();
        List<JsonNode> unnamed = new ArrayList<>();
        for (JsonNode item : list) {
            (wanted.contains(text(item, key)) ? sorted : unnamed).add(item);
        }
        sorted.sort((one, two) -> Integer.compare(wanted.indexOf(text(one, key)), wanted.indexOf(text(two, key))));
        for (JsonNode item : unnamed) {
            int before = previousNamed(list, item, sorted);
            sorted.add(before + 1, item);
        }
        result.set(name, JsonNodeFactory.instance.arrayNode().addAll(sorted));
    }

    /// Where in `sorted` the nearest item stands that precedes `item` in the list as it was, or -1.
    private static int previousNamed(ArrayNode list, JsonNode item, List<JsonNode> sorted) {
        int last = -1;
        for (JsonNode each : list) {
            if (each == item) {
                return last;
            }
            int at = sorted.indexOf(each);
            last = at >= 0 ? at : last;
        }
        return last;
    }

    private static String text(JsonNode item, String key) {
        return key.isEmpty() ? item.asText() : item.path(key).asText();
    }

    private static boolean allValues(ArrayNode list) {
        for (JsonNode item : list) {
            if (item.isContainerNode()) {
                return false;
            }
        }
        return true;
    }

    private static Set<String> values(JsonNode list) {
        Set<String> values = new HashSet<>();
        list.forEach(value -> values.add(value.asText()));
        return values;
    }

    private static ArrayNode clean(ArrayNode list) {
        ArrayNode clean = JsonNodeFactory.instance.arrayNode();
        for (JsonNode item : list) {
            if (!(item instanceof ObjectNode object)) {
                clean.add(item);
            } else if (!object.path(PATCH).asText().equals("delete")) {
                clean.add(withoutDirectives(object));
            }
        }
        return clean;
    }

    /// A copy without directives and without nulls, at every depth.
    private static ObjectNode withoutDirectives(ObjectNode patch) {
        ObjectNode clean = JsonNodeFactory.instance.objectNode();
        patch.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (field.getKey().startsWith("$") || value.isNull()) {
                return;
            }
            clean.set(
                    field.getKey(),
                    value instanceof ObjectNode object
                            ? withoutDirectives(object)
                            : value instanceof ArrayNode list ? clean(list) : value);
        });
        return clean;
    }
}
