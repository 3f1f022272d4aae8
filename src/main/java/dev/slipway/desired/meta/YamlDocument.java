package dev.slipway.desired.meta;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/// One document of a YAML text, as the JSON that it means, with where its fields were written.
///
/// @param line of the text where the document's content begins, 1 for the first
/// @param lines of fields, by their path as [#lineOf] takes it
public record YamlDocument(JsonNode tree, int line, Map<String, Integer> lines) {
    public YamlDocument {
        lines = Map.copyOf(lines);
    }

    /// The line of a field, of the nearest field around it that is written, or else of the document.
    ///
    /// @param path as in the messages of Kubernetes: `spec.containers[0].image`
    public int lineOf(String path) {
        String prefix = path;
        while (!prefix.isEmpty()) {
            Integer found = lines.get(prefix);
            if (found != null) {
                return found;
            }
            prefix = prefix.substring(0, Math.max(0, Math.max(prefix.lastIndexOf('.'), prefix.lastIndexOf('['))));
        }
        return line;
    }
}
