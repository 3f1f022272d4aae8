package dev.slipway.desired.meta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Set;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/// What a YAML scalar means in JSON: YAML 1.1 as Kubernetes' clients read it. Octal modes (`0644`) are numbers; times
/// and base-60 numbers (`22:22`) are texts, and so is a number of more than 50 digits.
///
/// @spec https://yaml.org/type/ Language-Independent Types for YAML Version 1.1
final class YamlScalar {
    private static final Set<String> TRUE = Set.of("true", "yes", "on");
    private static final Set<Tag> TEXTS = Set.of(Tag.STR, Tag.TIMESTAMP, Tag.MERGE, new Tag(Tag.PREFIX + "value"));

    private YamlScalar() {}

    static JsonNode value(ScalarNode scalar, int line) throws MalformedYamlException {
        Tag tag = scalar.getTag();
        String text = scalar.getValue();
        if (TEXTS.contains(tag)) {
            return TextNode.valueOf(text);
        }
        if (tag.equals(Tag.NULL)) {
            return NullNode.getInstance();
        }
        if (tag.equals(Tag.BOOL)) {
            return BooleanNode.valueOf(TRUE.contains(text.toLowerCase(Locale.ROOT)));
        }
        if (text.indexOf(':') >= 0) {
            return TextNode.valueOf(text);
        }
        if (tag.equals(Tag.INT)) {
            return integer(text.replace("_", ""), line);
        }
        if (tag.equals(Tag.FLOAT)) {
            return decimal(text.replace("_", ""), line);
        }
        throw new MalformedYamlException(line, "tag " + tag.getValue() + " is not supported");
    }

    private static JsonNode integer(String text, int line) throws MalformedYamlException {
        boolean negative = text.startsWith("-");
        String digits = negative || text.startsWith("+") ? text.substring(1) : text;
        try {
            BigInteger size = magnitude(digits);
            BigInteger value = negative ? size.negate() : size;
            if (value.bitLength() < Integer.SIZE) {
                // As the JSON reader does; else equal documents would not be equal trees.
                return JsonNodeFactory.instance.numberNode(value.intValue());
            }
            return value.bitLength() < Long.SIZE
                    ? JsonNodeFactory.instance.numberNode(value.longValue())
                    : JsonNodeFactory.instance.numberNode(value);
        } catch (NumberFormatException e) {
            throw new MalformedYamlException(line, "not a whole number: " + text);
        }
    }

    private static BigInteger magnitude(String digits) {
        if (digits.startsWith("0x")) {
            return new BigInteger(digits.substring(2), 16);
        }
        if (digits.startsWith("0b")) {
            return new BigInteger(digits.substring(2), 2);
        }
        return new BigInteger(digits, digits.length() > 1 && digits.startsWith("0") ? 8 : 10);
    }

    private static JsonNode decimal(String text, int line) throws MalformedYamlException {
        try {
            double value = Double.parseDouble(text);
            if (Double.isFinite(value)) {
                return DoubleNode.valueOf(value);
            }
        } catch (NumberFormatException e) {
            throw new MalformedYamlException(line, "not a number: " + text);
        }
        throw new MalformedYamlException(line, "JSON has no number " + text);
    }
}
