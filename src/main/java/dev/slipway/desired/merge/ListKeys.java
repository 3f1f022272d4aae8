package dev.slipway.desired.merge;

import com.fasterxml.jackson.databind.JsonNode;

/// Names items of keyed lists by the values of their keys.
final class ListKeys {
    private ListKeys() {}

    /// `k:{"name":"web"}`; a missing protocol counts as `TCP`, as the API defaults it.
    static String step(JsonNode item, ListRule.Keyed rule) {
        StringBuilder key = new StringBuilder("k:{");
        for (String name : rule.keys()) {
            JsonNode value = item.get(name);
            if (value != null || name.equals("protocol")) {
                key.append(key.length() == 3 ? "\"" : ",\"").append(name).append("\":");
                key.append(value == null ? "\"TCP\"" : value.toString());
            }
        }
        return key.append('}').toString();
    }
}
