package dev.slipway.door.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/// Text with values of an object in it: `{range .items[*]}{.metadata.name}{"\n"}{end}`.
public record Template(List<Part> parts) {
    public Template {
        parts = List.copyOf(parts);
    }

    sealed interface Part {
        record Text(String text) implements Part {}

        record Values(JsonPath path) implements Part {}

        record Range(JsonPath path, Template each) implements Part {}
    }

    /// @throws IllegalArgumentException when it is none
    public static Template parse(String text) {
        PathReader reader = new PathReader(text);
        Template template = template(reader, false);
        if (!reader.atEnd()) {
            throw reader.wrong("no {end} without a {range}");
        }
        return template;
    }

    private static Template template(PathReader reader, boolean inRange) {
        List<Part> parts = new ArrayList<>();
        while (!reader.atEnd() && !reader.seesInBraces("end")) {
            if (reader.skip("{")) {
                parts.addAll(braces(reader));
            } else {
                parts.add(new Part.Text(reader.until("{")));
            }
        }
        if (inRange && !reader.skipInBraces("end")) {
            throw reader.wrong("{end}");
        }
        return new Template(parts);
    }

    private static List<Part> braces(PathReader reader) {
        reader.skipSpace();
        if (reader.skip("range ")) {
            reader.skipSpace();
            JsonPath path = reader.path();
            reader.skipSpace();
            reader.expect("}");
            return List.of(new Part.Range(path, template(reader, true)));
        }
        List<Part> parts = new ArrayList<>();
        while (!reader.skip("}")) {
            boolean isText = reader.sees("'") || reader.sees("\"");
            boolean isPath = reader.sees(".") || reader.sees("[") || reader.sees("$") || reader.sees("@");
            if (!isText && !isPath) {
                throw reader.wrong("a path, as .metadata.name, or quoted text");
            }
            parts.add(isText ? new Part.Text(reader.quoted()) : new Part.Values(reader.path()));
            reader.skipSpace();
        }
        return parts;
    }

    /// The text, with the values of one place separated by spaces.
    public String render(JsonNode object) {
        StringBuilder rendered = new StringBuilder();
        render(object, object, rendered);
        return rendered.toString();
    }

    private void render(JsonNode root, JsonNode current, StringBuilder into) {
        for (Part part : parts) {
            switch (part) {
                case Part.Text(String text) -> into.append(text);
                case Part.Values(JsonPath path) -> into.append(JsonPath.text(path.find(root, current), " "));
                case Part.Range(JsonPath path, Template each) ->
                    path.find(root, current).forEach(value -> each.render(root, value, into));
            }
        }
    }
}
