package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.model.OwnGroup;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/// A digest in a Pod's annotations that tells pods that were made of another spec apart. It is taken of what the
/// Container says and not of what defaults make of the Pod, so that an engine with other defaults leaves running pods
/// alone. Lists without items say nothing; in a *plain* mark they count, and pods with one of those are the same, too.
/// Pure.
final class SpecMark {
    static final String ANNOTATION = OwnGroup.GROUP + "/container-spec";

    private static final int BYTES = 12;

    private SpecMark() {}

    static String in(ApiObject pod) {
        return pod.annotations().getOrDefault(ANNOTATION, "");
    }

    /// @param more what else only another pod can follow
    static String of(ObjectNode podSpec, String more) {
        return digest(withoutEmptyLists(podSpec), more);
    }

    /// One in which lists without items count.
    static String plain(ObjectNode podSpec, String more) {
        return digest(podSpec, more);
    }

    private static String digest(ObjectNode podSpec, String more) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ObjectCodec.toBytes(sorted(withoutResources(podSpec))));
            digest.update(more.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// What a container may use changes in place.
    private static ObjectNode withoutResources(ObjectNode spec) {
        ObjectNode copy = spec.deepCopy();
        copy.path("containers").forEach(container -> ((ObjectNode) container).remove("resources"));
        return copy;
    }

    private static ObjectNode withoutEmptyLists(ObjectNode node) {
        ObjectNode copy = node.deepCopy();
        copy.removeIf(value -> value.isArray() && value.isEmpty());
        copy.properties().forEach(field -> field.setValue(withoutEmptyLists(field.getValue())));
        return copy;
    }

    private static JsonNode withoutEmptyLists(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return withoutEmptyLists(object);
        }
        if (node instanceof ArrayNode array) {
            ArrayNode copy = ObjectCodec.json().createArrayNode();
            array.forEach(item -> copy.add(withoutEmptyLists(item)));
            return copy;
        }
        return node;
    }

    /// The same tree with the fields of each object in order, because the order in which a client wrote them says
    /// nothing.
    private static JsonNode sorted(JsonNode node) {
        if (node instanceof ObjectNode object) {
            Map<String, JsonNode> fields = new TreeMap<>();
            object.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
            return ObjectCodec.json().createObjectNode().setAll(fields);
        }
        if (node instanceof ArrayNode array) {
            ArrayNode copy = ObjectCodec.json().createArrayNode();
            array.forEach(item -> copy.add(sorted(item)));
            return copy;
        }
        return node;
    }
}
