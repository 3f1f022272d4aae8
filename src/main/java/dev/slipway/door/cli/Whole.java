package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.util.ArrayList;
import java.util.List;

/// What several answers are together.
final class Whole {
    private Whole() {}

    /// A single answer as it is, several as one `List`, as kubectl prints them.
    static JsonNode of(List<JsonNode> answers) {
        if (answers.size() == 1) {
            return answers.getFirst();
        }
        ObjectNode list = ObjectCodec.json().createObjectNode();
        list.put("apiVersion", "v1").put("kind", "List").putObject("metadata").put("resourceVersion", "");
        list.putArray("items").addAll(objects(answers));
        return list;
    }

    /// The objects themselves, of lists and others.
    static List<JsonNode> objects(List<JsonNode> answers) {
        List<JsonNode> objects = new ArrayList<>();
        for (JsonNode answer : answers) {
            if (answer.path("items").isArray()) {
                answer.path("items").forEach(objects::add);
            } else {
                objects.add(answer);
            }
        }
        return objects;
    }
}
