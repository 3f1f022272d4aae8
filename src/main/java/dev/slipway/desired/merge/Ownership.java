package dev.slipway.desired.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;

/// Keeps [ManagedFields] true when an object is created, replaced or patched: what a writer changed is its own from
/// then
/// on and nobody else's.
public final class Ownership {
    /// Fields that the API server writes, which nobody owns.
    private static final List<String> UNOWNED_METADATA = List.of(
            "name",
            "namespace",
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
            "managedFields",
            "generateName");

    private Ownership() {}

    /// `after` with managed fields that say what `writer` has changed since `before`.
    ///
    /// @param before the object as it was; an empty object for a creation
    public static ObjectNode updated(ObjectNode before, ObjectNode after, ManagedFields.Writer writer, Instant now) {
        ObjectNode was = ownable(before);
        ObjectNode is = ownable(after);
        FieldSet all = FieldSet.of(is);
        FieldSet changed = was.isEmpty() ? all : changes(was, is);
        FieldSet removed = FieldSet.of(was).minus(all);
        ManagedFields known = ManagedFields.of(before).without(removed);
        FieldSet own = known.of(writer).union(changed);
        ManagedFields result = known.takenFromOthers(writer, changed);
        if (!own.isEmpty()) {
            result = result.with(writer, own, now);
        }
        ObjectNode marked = after.deepCopy();
        result.into(marked);
        return marked;
    }

    /// The object without what nobody can own; shares what it keeps, and is to be read only.
    static ObjectNode ownable(ObjectNode object) {
        ObjectNode copy = object.objectNode().setAll(object);
        copy.remove(List.of("apiVersion", "kind", "metadata"));
        if (object.path("metadata") instanceof ObjectNode metadata) {
            ObjectNode owned = metadata.objectNode().setAll(metadata);
            owned.remove(UNOWNED_METADATA);
            if (!owned.isEmpty()) {
                copy.set("metadata", owned);
            }
        }
        return copy;
    }

    /// The fields of `after` that `before` has not, or has with another value.
    static FieldSet changes(JsonNode before, JsonNode after) {
        return mapChanges(before, after, false);
    }

    private static FieldSet mapChanges(JsonNode before, JsonNode after, boolean item) {
        TreeMap<String, FieldSet> changed = new TreeMap<>();
        after.properties()
                .forEach(entry -> changed.put(
                        "f:" + entry.getKey(),
                        fieldChanges(entry.getKey(), before.path(entry.getKey()), entry.getValue())));
        boolean appeared = !before.isObject() && (item || after.isEmpty());
        return FieldSet.of(appeared, changed);
    }

    private static FieldSet fieldChanges(String name, JsonNode before, JsonNode after) {
        if (before.equals(after)) {
            return FieldSet.EMPTY;
        }
        if (after.isObject() && !MergeSchema.isAtomicMap(name)) {
            return mapChanges(before, after, false);
        }
        if (!(after instanceof ArrayNode list)) {
            return FieldSet.LEAF;
        }
        return switch (MergeSchema.rule(name, list)) {
            case ListRule.Atomic atomic -> FieldSet.LEAF;
            case ListRule.ValueSet set -> {
                FieldSet known = FieldSet.of(wrapped(name, before));
                yield FieldSet.of(wrapped(name, list)).minus(known).child("f:" + name);
            }
            case ListRule.Keyed keyed -> {
                TreeMap<String, FieldSet> items = new TreeMap<>();
                list.forEach(item ->
                        items.put(ListKeys.step(item, keyed), mapChanges(find(before, item, keyed), item, true)));
                yield FieldSet.of(list.isEmpty(), items);
            }
        };
    }

    /// The item of `list` with the same keys as `item`, or a missing node.
    static JsonNode find(JsonNode list, JsonNode item, ListRule.Keyed rule) {
        String step = ListKeys.step(item, rule);
        for (JsonNode each : list) {
            if (ListKeys.step(each, rule).equals(step)) {
                return each;
            }
        }
        return MissingNode.getInstance();
    }

    private static ObjectNode wrapped(String name, JsonNode list) {
        ObjectNode wrapper = JsonNodeFactory.instance.objectNode();
        if (list.isArray()) {
            wrapper.set(name, list);
        }
        return wrapper;
    }
}
