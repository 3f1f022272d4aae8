package dev.slipway.desired.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A set of fields of an object, as a tree of path steps. A step is spelled as in `FieldsV1`: `f:<field>`,
/// `k:<keys of a list item>`, `v:<value of a set>`; a node that is itself in the set is marked (`.` in `FieldsV1`).
/// Immutable.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ Kubernetes: FieldsV1
public final class FieldSet {
    public static final FieldSet EMPTY = new FieldSet(false, new TreeMap<>());
    static final FieldSet LEAF = new FieldSet(true, new TreeMap<>());

    private static final String ITSELF = ".";

    private final boolean member;
    private final Map<String, FieldSet> children;

    private FieldSet(boolean member, Map<String, FieldSet> children) {
        this.member = member;
        this.children = children;
    }

    /// A node with these children, a sorted map that belongs to the set from then on; those that are empty are left
    /// out.
    static FieldSet of(boolean member, TreeMap<String, FieldSet> children) {
        children.values().removeIf(FieldSet::isEmpty);
        if (children.isEmpty()) {
            return member ? LEAF : EMPTY;
        }
        return new FieldSet(member, children);
    }

    public boolean isEmpty() {
        return !member && children.isEmpty();
    }

    boolean isMember() {
        return member;
    }

    Map<String, FieldSet> children() {
        return children;
    }

    FieldSet child(String step) {
        return children.getOrDefault(step, EMPTY);
    }

    /// Fields of either.
    public FieldSet union(FieldSet other) {
        if (isEmpty() || this == other) {
            return other;
        }
        if (other.isEmpty()) {
            return this;
        }
        TreeMap<String, FieldSet> all = new TreeMap<>(children);
        other.children.forEach((step, child) -> all.merge(step, child, FieldSet::union));
        return of(member || other.member, all);
    }

    /// Fields of this one that are not in `other`.
    public FieldSet minus(FieldSet other) {
        if (isEmpty() || other.isEmpty()) {
            return this;
        }
        TreeMap<String, FieldSet> left = new TreeMap<>();
        children.forEach((step, child) -> left.put(step, child.minus(other.child(step))));
        return of(member && !other.member, left);
    }

    /// Fields of both.
    public FieldSet intersect(FieldSet other) {
        if (isEmpty() || other.isEmpty()) {
            return EMPTY;
        }
        TreeMap<String, FieldSet> common = new TreeMap<>();
        children.forEach((step, child) -> common.put(step, child.intersect(other.child(step))));
        return of(member && other.member, common);
    }

    /// This set without the fields of `other` and without everything below them.
    FieldSet minusBelow(FieldSet other) {
        if (other.member) {
            return EMPTY;
        }
        if (isEmpty() || other.isEmpty()) {
            return this;
        }
        TreeMap<String, FieldSet> left = new TreeMap<>();
        children.forEach((step, child) -> left.put(step, child.minusBelow(other.child(step))));
        return of(member, left);
    }

    /// The fields as people read them: `.spec.containers[name="web"].image`.
    public List<String> paths() {
        List<String> paths = new ArrayList<>();
        collect("", paths);
        return paths;
    }

    /// As `FieldsV1`.
    public ObjectNode toFieldsV1() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        if (member && !children.isEmpty()) {
            node.putObject(ITSELF);
        }
        children.forEach((step, child) -> node.set(step, child.toFieldsV1()));
        return node;
    }

    /// From `FieldsV1`; steps that are none are left out.
    public static FieldSet ofFieldsV1(JsonNode node) {
        TreeMap<String, FieldSet> children = new TreeMap<>();
        boolean member = node.isEmpty() || node.has(ITSELF);
        node.properties().forEach(entry -> {
            if (isStep(entry.getKey())) {
                children.put(entry.getKey(), ofFieldsV1(entry.getValue()));
            }
        });
        return of(member, children);
    }

    private static boolean isStep(String text) {
        return text.length() > 2
                && (text.startsWith("f:") || text.startsWith("v:") || text.startsWith("k:{") && text.endsWith("}"));
    }

    /// Every field that `object` has. Maps and list items that are merged are themselves in the set only where they
    /// are empty or are list items, as Kubernetes counts.
    public static FieldSet of(JsonNode object) {
        return object.isEmpty() ? EMPTY : ofMap(object, false);
    }

    private static FieldSet ofMap(JsonNode map, boolean member) {
        TreeMap<String, FieldSet> children = new TreeMap<>();
        map.properties()
                .forEach(entry -> children.put("f:" + entry.getKey(), ofField(entry.getKey(), entry.getValue())));
        return of(member || children.isEmpty(), children);
    }

    private static FieldSet ofField(String name, JsonNode value) {
        if (value.isObject()) {
            return MergeSchema.isAtomicMap(name) ? LEAF : ofMap(value, false);
        }
        if (!(value instanceof ArrayNode list)) {
            return LEAF;
        }
        return switch (MergeSchema.rule(name, list)) {
            case ListRule.Atomic atomic -> LEAF;
            case ListRule.ValueSet set -> {
                TreeMap<String, FieldSet> values = new TreeMap<>();
                list.forEach(item -> values.put("v:" + item, LEAF));
                yield of(values.isEmpty(), values);
            }
            case ListRule.Keyed keyed -> {
                TreeMap<String, FieldSet> items = new TreeMap<>();
                list.forEach(item -> items.put(ListKeys.step(item, keyed), ofMap(item, true)));
                yield of(items.isEmpty(), items);
            }
        };
    }

    private void collect(String prefix, List<String> paths) {
        if (member && children.isEmpty()) {
            paths.add(prefix);
        }
        children.forEach((step, child) -> child.collect(prefix + words(step), paths));
    }

    private static String words(String step) {
        String rest = step.substring(2);
        return switch (step.charAt(0)) {
            case 'k' -> "[" + rest.substring(1, rest.length() - 1).replaceAll("\"([^\"]+)\":", "$1=") + "]";
            case 'v' -> "[=" + rest + "]";
            default -> "." + rest;
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FieldSet that && member == that.member && children.equals(that.children);
    }

    @Override
    public int hashCode() {
        return children.hashCode() * 31 + Boolean.hashCode(member);
    }

    @Override
    public String toString() {
        return toFieldsV1().toString();
    }
}
