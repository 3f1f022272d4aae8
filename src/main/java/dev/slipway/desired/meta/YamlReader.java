package dev.slipway.desired.meta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.UnicodeReader;

/// Reads YAML as Kubernetes' clients do: several documents in a text, anchors, merge keys, octal modes, and a key
/// twice in one mapping is an error.
///
/// Input is bounded: 3 MiB a document, nesting 100, 50 aliases of collections, and 500,000 nodes once aliases are
/// followed. Used for one text.
public final class YamlReader {
    private static final int DEEPEST = 100;
    private static final int MOST_NODES = 500_000;
    private static final int MOST_ALIASES = 50;
    private static final int LARGEST_DOCUMENT = 3 << 20;

    private final Map<String, Integer> lines = new HashMap<>();
    private int nodes;

    private YamlReader() {}

    /// The documents of a text, without those that are empty.
    public static List<YamlDocument> read(byte[] text) throws MalformedYamlException {
        List<YamlDocument> documents = new ArrayList<>();
        Yaml yaml = new Yaml(new SafeConstructor(bounds()));
        try {
            for (Node root : yaml.composeAll(new UnicodeReader(new ByteArrayInputStream(text)))) {
                if (!root.getTag().equals(Tag.NULL)) {
                    documents.add(new YamlReader().document(root));
                }
            }
            return documents;
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new MalformedYamlException(line, e.getProblem() == null ? "not YAML" : e.getProblem());
        } catch (YAMLException e) {
            if (e.getCause() instanceof CharacterCodingException) {
                throw new MalformedYamlException(1, "not text: some bytes are no UTF-8");
            }
            throw new MalformedYamlException(1, e.getMessage() == null ? "not YAML" : e.getMessage());
        }
    }

    private static LoaderOptions bounds() {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(MOST_ALIASES);
        options.setNestingDepthLimit(DEEPEST);
        options.setCodePointLimit(LARGEST_DOCUMENT);
        return options;
    }

    private YamlDocument document(Node root) throws MalformedYamlException {
        JsonNode tree = value(root, "", 0);
        return new YamlDocument(tree, lineOf(root), lines);
    }

    private JsonNode value(Node node, String path, int depth) throws MalformedYamlException {
        if (depth > DEEPEST) {
            throw malformed(node, "nested deeper than " + DEEPEST + ", or an alias of itself");
        }
        if (++nodes > MOST_NODES) {
            throw malformed(node, "more than " + MOST_NODES + " values");
        }
        lines.putIfAbsent(path, lineOf(node));
        if (node instanceof MappingNode mapping && node.getTag().equals(Tag.MAP)) {
            return mapping(mapping, path, depth);
        }
        if (node instanceof SequenceNode sequence && node.getTag().equals(Tag.SEQ)) {
            return sequence(sequence, path, depth);
        }
        if (node instanceof ScalarNode scalar) {
            return YamlScalar.value(scalar, lineOf(scalar));
        }
        throw malformed(node, "tag " + node.getTag().getValue() + " is not supported");
    }

    private JsonNode sequence(SequenceNode sequence, String path, int depth) throws MalformedYamlException {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Node item : sequence.getValue()) {
            array.add(value(item, path + "[" + array.size() + "]", depth + 1));
        }
        return array;
    }

    private JsonNode mapping(MappingNode mapping, String path, int depth) throws MalformedYamlException {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        List<Node> merged = new ArrayList<>();
        for (NodeTuple entry : mapping.getValue()) {
            if (entry.getKeyNode().getTag().equals(Tag.MERGE)) {
                merged.add(entry.getValueNode());
                continue;
            }
            String key = key(entry.getKeyNode());
            if (object.has(key)) {
                throw malformed(entry.getKeyNode(), "duplicate key \"" + key + "\"");
            }
            String at = path.isEmpty() ? key : path + "." + key;
            lines.put(at, lineOf(entry.getKeyNode()));
            object.set(key, value(entry.getValueNode(), at, depth + 1));
        }
        for (Node source : merged) {
            merge(object, source, path, depth);
        }
        return object;
    }

    /// Adds what a merge key brings; what the mapping says itself stands.
    private void merge(ObjectNode into, Node source, String path, int depth) throws MalformedYamlException {
        List<? extends Node> sources = source instanceof SequenceNode several ? several.getValue() : List.of(source);
        for (Node each : sources) {
            if (!(each instanceof MappingNode) || !(value(each, path, depth + 1) instanceof ObjectNode object)) {
                throw malformed(each, "a merge key whose value is no mapping");
            }
            object.properties().forEach(entry -> into.putIfAbsent(entry.getKey(), entry.getValue()));
        }
    }

    private static String key(Node node) throws MalformedYamlException {
        if (node instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL)) {
            return scalar.getValue();
        }
        throw malformed(node, "a key that is no text");
    }

    private static int lineOf(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    private static MalformedYamlException malformed(Node node, String message) {
        return new MalformedYamlException(lineOf(node), message);
    }
}
