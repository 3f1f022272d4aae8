package dev.slipway.door.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Where in an object values are.
///
/// @param fromRoot whether it begins at the whole (`$`), also inside of a filter or a range
/// @spec https://kubernetes.io/docs/reference/kubectl/jsonpath/ Kubernetes: JSONPath Support
public record JsonPath(boolean fromRoot, List<Step> steps) {
    public JsonPath {
        steps = List.copyOf(steps);
    }

    /// Reads a path as people write one where nothing else can be meant: `{.spec.image}`, `.spec.image` or
    /// `spec.image`.
    ///
    /// @throws IllegalArgumentException when it is none
    public static JsonPath parse(String text) {
        String path = text.strip();
        boolean hasBraces = path.startsWith("{") && path.endsWith("}");
        return PathReader.wholePath(hasBraces ? path.substring(1, path.length() - 1) : path);
    }

    /// A path and what stands behind it.
    public record Beginning(JsonPath path, String rest) {}

    /// Reads the path at the beginning of a text, which ends with its brace, or where no path goes on.
    ///
    /// @throws IllegalArgumentException when there is none
    public static Beginning parseBeginning(String text) {
        PathReader reader = new PathReader(text.strip());
        boolean hasBraces = reader.skip("{");
        reader.skipSpace();
        JsonPath path = reader.path();
        if (hasBraces) {
            reader.skipSpace();
            reader.expect("}");
        }
        return new Beginning(path, reader.rest());
    }

    /// The values that are there.
    public List<JsonNode> find(JsonNode root) {
        return find(root, root);
    }

    List<JsonNode> find(JsonNode root, JsonNode current) {
        List<JsonNode> found = List.of(fromRoot ? root : current);
        for (Step step : steps) {
            found = found.stream().flatMap(each -> step.from(root, each)).toList();
        }
        return found;
    }

    /// A text or a number as it is, the rest as JSON.
    public static String text(JsonNode value) {
        return value.isContainerNode() ? value.toString() : value.asText();
    }

    static String text(List<JsonNode> values, String between) {
        return values.stream().map(JsonPath::text).collect(Collectors.joining(between));
    }

    /// One step from a value to those that it leads to.
    sealed interface Step {
        Stream<JsonNode> from(JsonNode root, JsonNode value);

        /// `.name`
        record Child(String name) implements Step {
            @Override
            public Stream<JsonNode> from(JsonNode root, JsonNode value) {
                return value.has(name) ? Stream.of(value.get(name)) : Stream.empty();
            }
        }

        /// `*`, of an object or an array.
        record Children() implements Step {
            @Override
            public Stream<JsonNode> from(JsonNode root, JsonNode value) {
                return value.valueStream();
            }
        }

        /// `..`: the value itself, and whatever is below it.
        record Descendants() implements Step {
            @Override
            public Stream<JsonNode> from(JsonNode root, JsonNode value) {
                return Stream.concat(Stream.of(value), value.valueStream().flatMap(each -> from(root, each)));
            }
        }

        /// `[3]`, `[-1]`, `[1:3]`, `[::2]`: negative ones count from the end.
        ///
        /// @param to the first that is no more meant; empty for as many as there are
        record Elements(int from, OptionalInt to, int by) implements Step {
            @Override
            public Stream<JsonNode> from(JsonNode root, JsonNode value) {
                int size = value.isArray() ? value.size() : 0;
                int end = Math.min(size, to.isPresent() ? counted(to.getAsInt(), size) : size);
                long begin = counted(from, size);
                return IntStream.range(0, end)
                        .filter(i -> i >= begin && (i - begin) % by == 0)
                        .mapToObj(value::get);
            }

            private static int counted(int index, int size) {
                return index < 0 ? index + size : index;
            }
        }

        /// `['a','b']`
        record Union(List<JsonPath> paths) implements Step {
            @Override
            public Stream<JsonNode> from(JsonNode root, JsonNode value) {
                return paths.stream().flatMap(path -> path.find(root, value).stream());
            }
        }

        /// `[?(@.type=="Ready")]`: those of its elements that are so.
        record Where(Filter filter) implements Step {
            @Override
            public Stream<JsonNode> from(JsonNode root, JsonNode value) {
                return value.valueStream().filter(each -> filter.holds(root, each));
            }
        }
    }
}
