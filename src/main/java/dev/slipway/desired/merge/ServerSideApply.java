package dev.slipway.desired.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Makes an object have the fields that an applier declares: those it declares now get their values, those it declared
/// before and no longer does go unless somebody else has them too, all others stay.
///
/// @spec https://kubernetes.io/docs/reference/using-api/server-side-apply/ Kubernetes: Server-Side Apply
public final class ServerSideApply {
    private ServerSideApply() {}

    /// @param live the object as it is; an empty object if there is none
    /// @param config what the applier declares
    /// @param force takes fields over from others instead of reporting conflicts
    public static ApplyResult apply(
            ObjectNode live, ObjectNode config, ManagedFields.Writer writer, boolean force, Instant now) {
        FieldSet applied = FieldSet.of(Ownership.ownable(config));
        ObjectNode merged = merge(live, config).deepCopy();
        FieldSet changed = Ownership.changes(Ownership.ownable(live), Ownership.ownable(merged));
        ManagedFields managed = ManagedFields.of(live);
        List<ApplyResult.Conflict> conflicts = conflicts(managed, changed.intersect(applied), writer);
        if (!conflicts.isEmpty() && !force) {
            return new ApplyResult.Conflicts(conflicts);
        }
        managed = managed.takenFromOthers(writer, changed.intersect(applied));
        FieldSet dropped = managed.of(writer).minus(applied).minus(managed.ofOthers(writer));
        if (!dropped.isEmpty()) {
            FieldPruning.remove(merged, dropped);
            managed = managed.without(onlyGone(dropped, merged));
        }
        managed.with(writer, applied, now).into(merged);
        return new ApplyResult.Merged(merged);
    }

    /// Those of `dropped` that the object really lost: a map that still has fields of others did not go.
    private static FieldSet onlyGone(FieldSet dropped, ObjectNode merged) {
        return dropped.minus(FieldSet.of(Ownership.ownable(merged)));
    }

    private static List<ApplyResult.Conflict> conflicts(
            ManagedFields managed, FieldSet changed, ManagedFields.Writer writer) {
        List<ApplyResult.Conflict> conflicts = new ArrayList<>();
        for (ManagedFields.Entry entry : managed.entries()) {
            if (!entry.writer().isSameAs(writer)) {
                for (String path : changed.intersect(entry.fields()).paths()) {
                    conflicts.add(new ApplyResult.Conflict(entry.writer(), path));
                }
            }
        }
        return conflicts;
    }

    /// Both together; shares parts of both.
    private static JsonNode merge(JsonNode live, JsonNode config) {
        if (!(live instanceof ObjectNode before) || !(config instanceof ObjectNode declared)) {
            return config;
        }
        ObjectNode merged = before.objectNode().setAll(before);
        declared.properties().forEach(entry -> {
            String name = entry.getKey();
            JsonNode value = entry.getValue();
            if (value.isNull()) {
                return;
            }
            if (value.isObject() && !MergeSchema.isAtomicMap(name)) {
                merged.set(name, merge(before.path(name), value));
            } else if (value instanceof ArrayNode list && before.path(name) instanceof ArrayNode known) {
                merged.set(name, mergeLists(name, known, list));
            } else {
                merged.set(name, value);
            }
        });
        return merged;
    }

    private static ArrayNode mergeLists(String name, ArrayNode live, ArrayNode config) {
        return switch (MergeSchema.rule(name, config.isEmpty() ? live : config)) {
            case ListRule.Atomic atomic -> config;
            case ListRule.ValueSet set -> {
                Set<JsonNode> values = new LinkedHashSet<>();
                live.forEach(values::add);
                config.forEach(values::add);
                yield JsonNodeFactory.instance.arrayNode().addAll(values);
            }
            case ListRule.Keyed keyed -> mergeByKey(live, config, keyed);
        };
    }

    /// Declared items in declared order; an item that only the live list has keeps its place behind its
    /// predecessor.
    private static ArrayNode mergeByKey(ArrayNode live, ArrayNode config, ListRule.Keyed rule) {
        List<JsonNode> merged = new ArrayList<>();
        config.forEach(item -> merged.add(merge(Ownership.find(live, item, rule), item)));
        List<String> steps = new ArrayList<>();
        merged.forEach(item -> steps.add(ListKeys.step(item, rule)));
        int behind = 0;
        for (JsonNode item : live) {
            int at = steps.indexOf(ListKeys.step(item, rule));
            if (at >= 0) {
                behind = at + 1;
            } else {
                merged.add(behind, item);
                steps.add(behind, ListKeys.step(item, rule));
                behind++;
            }
        }
        return JsonNodeFactory.instance.arrayNode().addAll(merged);
    }
}
