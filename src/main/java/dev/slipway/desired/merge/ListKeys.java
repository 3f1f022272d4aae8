package dev.slipway.desired.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Names items of keyed lists by the values of their keys.
final class ListKeys {
    private ListKeys() {}

    /// `k:{"name":"web"}`; a missing protocol counts as `TCP`, as the API defaults it.
    static String step(JsonNode item, ListRule.Keyed rule) {
        ObjectNode key = JsonNodeFactory.instance.objectNode();
        for (String name : rule.keys()) {
            if (item.has(name)) {
                key.set(name, item.get(name));
            } else if (name.equals("protocol")) {
                key.put(name, "TCP");
            }
        }
        return "k:" + key;
    }
}
