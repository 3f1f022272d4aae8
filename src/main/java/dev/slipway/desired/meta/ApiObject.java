package dev.slipway.desired.meta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One object as clients wrote it and as the store keeps it: a JSON tree, so that no field is lost on the way, with
/// typed access to what all objects have. Immutable by contract: whoever wants to change an object changes
/// [#copyTree] and makes another one.
public final class ApiObject {
    private final ObjectNode tree;

    private ApiObject(ObjectNode tree) {
        this.tree = tree;
    }

    /// Wraps `tree`, which the caller no longer changes.
    public static ApiObject of(ObjectNode tree) {
        return new ApiObject(tree);
    }

    /// The tree itself, to be read only.
    public ObjectNode tree() {
        return tree;
    }

    /// A deep copy to edit.
    public ObjectNode copyTree() {
        return tree.deepCopy();
    }

    public String apiVersion() {
        return tree.path("apiVersion").asText();
    }

    public String kind() {
        return tree.path("kind").asText();
    }

    /// The API group part of [#apiVersion], empty for the core group.
    public String group() {
        String apiVersion = apiVersion();
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }

    public JsonNode metadata() {
        return tree.path("metadata");
    }

    public String name() {
        return metadata().path("name").asText();
    }

    /// The namespace, empty for cluster-scoped objects.
    public String namespace() {
        return metadata().path("namespace").asText();
    }

    public String uid() {
        return metadata().path("uid").asText();
    }

    /// The version that the store gave, or 0 for an object that was never stored.
    public long resourceVersion() {
        return metadata().path("resourceVersion").asLong();
    }

    public long generation() {
        return metadata().path("generation").asLong();
    }

    public Map<String, String> labels() {
        return strings(metadata().path("labels"));
    }

    public Map<String, String> annotations() {
        return strings(metadata().path("annotations"));
    }

    public List<String> finalizers() {
        List<String> finalizers = new ArrayList<>();
        metadata().path("finalizers").forEach(node -> finalizers.add(node.asText()));
        return finalizers;
    }

    /// When deletion was asked for; an object with finalizers stays until they are gone.
    public Optional<Instant> deletionTimestamp() {
        JsonNode node = metadata().path("deletionTimestamp");
        return node.isTextual() ? Optional.of(Instant.parse(node.asText())) : Optional.empty();
    }

    public JsonNode spec() {
        return tree.path("spec");
    }

    public JsonNode status() {
        return tree.path("status");
    }

    /// The object as a class of the Kubernetes model.
    public <T> T as(Class<T> type) {
        return ObjectCodec.fromTree(tree, type);
    }

    private static Map<String, String> strings(JsonNode node) {
        Map<String, String> strings = new LinkedHashMap<>();
        node.properties()
                .forEach(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
        return strings;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ApiObject that && tree.equals(that.tree);
    }

    @Override
    public int hashCode() {
        return tree.hashCode();
    }

    @Override
    public String toString() {
        return kind() + " " + (namespace().isEmpty() ? "" : namespace() + "/") + name();
    }
}
