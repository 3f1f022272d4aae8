package dev.slipway.door.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Reads paths, filters and quoted text from a text, from left to right.
final class PathReader {
    private static final String END_OF_NAME = ".,[]$@{}()=!<> \t\n";

    private final String text;
    private int at;

    PathReader(String text) {
        this.text = text;
    }

    /// @throws IllegalArgumentException when the text is no path, or more than one
    static JsonPath wholePath(String text) {
        PathReader reader = new PathReader(text);
        JsonPath path = reader.path();
        if (!reader.atEnd()) {
            throw reader.wrong("the end");
        }
        return path;
    }

    boolean atEnd() {
        return at == text.length();
    }

    boolean sees(String words) {
        return text.startsWith(words, at);
    }

    boolean skip(String words) {
        boolean isThere = sees(words);
        at += isThere ? words.length() : 0;
        return isThere;
    }

    /// Skips a word in braces, with or without spaces beside it.
    boolean skipInBraces(String word) {
        boolean isThere = seesInBraces(word);
        at = isThere ? text.indexOf('}', at) + 1 : at;
        return isThere;
    }

    boolean seesInBraces(String word) {
        int end = sees("{") ? text.indexOf('}', at) : -1;
        return end > 0 && text.substring(at + 1, end).strip().equals(word);
    }

    String rest() {
        return text.substring(at);
    }

    void skipSpace() {
        while (!atEnd() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    void expect(String words) {
        if (!skip(words)) {
            throw wrong(words);
        }
    }

    /// What is in front of the next `words`, or all that is left.
    String until(String words) {
        int end = text.indexOf(words, at);
        String passed = text.substring(at, end < 0 ? text.length() : end);
        at += passed.length();
        return passed;
    }

    IllegalArgumentException wrong(String expected) {
        return new IllegalArgumentException(
                "expected %s at %s".formatted(expected, atEnd() ? "the end" : "\"" + text.substring(at) + "\""));
    }

    /// A first name may stand without its dot.
    JsonPath path() {
        boolean fromRoot = skip("$");
        if (!fromRoot) {
            skip("@");
        }
        List<JsonPath.Step> steps = new ArrayList<>();
        if (seesName()) {
            steps.add(name());
        }
        while (sees(".") || sees("[")) {
            if (skip("[")) {
                steps.add(brackets());
                expect("]");
            } else if (skip("..")) {
                steps.add(new JsonPath.Step.Descendants());
                if (!sees("[")) {
                    steps.add(name());
                }
            } else {
                expect(".");
                // A dot by itself is the value itself.
                if (seesName()) {
                    steps.add(name());
                }
            }
        }
        return new JsonPath(fromRoot, steps);
    }

    private boolean seesName() {
        return !atEnd() && END_OF_NAME.indexOf(text.charAt(at)) < 0;
    }

    private JsonPath.Step name() {
        if (skip("*")) {
            return new JsonPath.Step.Children();
        }
        StringBuilder name = new StringBuilder();
        while (seesName()) {
            boolean isEscape = text.charAt(at) == '\\' && at + 1 < text.length();
            at += isEscape ? 1 : 0;
            name.append(text.charAt(at++));
        }
        if (name.isEmpty()) {
            throw wrong("a name");
        }
        return new JsonPath.Step.Child(name.toString());
    }

    private JsonPath.Step brackets() {
        if (skip("*")) {
            return new JsonPath.Step.Children();
        }
        if (skip("?(")) {
            JsonPath.Step where = new JsonPath.Step.Where(filter());
            expect(")");
            return where;
        }
        if (!sees("'") && !sees("\"")) {
            return elements();
        }
        List<JsonPath> paths = new ArrayList<>();
        do {
            skipSpace();
            paths.add(wholePath(quoted()));
            skipSpace();
        } while (skip(","));
        return new JsonPath.Step.Union(paths);
    }

    private JsonPath.Step elements() {
        OptionalInt from = number();
        if (from.isPresent() && !sees(":")) {
            int index = from.getAsInt();
            return new JsonPath.Step.Elements(index, index == -1 ? OptionalInt.empty() : OptionalInt.of(index + 1), 1);
        }
        expect(":");
        OptionalInt to = number();
        int by = skip(":") ? number().orElse(1) : 1;
        if (by < 1) {
            throw new IllegalArgumentException("a step must be at least 1: " + by);
        }
        return new JsonPath.Step.Elements(from.orElse(0), to, by);
    }

    private OptionalInt number() {
        int begin = at;
        skip("-");
        while (!atEnd() && Character.isDigit(text.charAt(at))) {
            at++;
        }
        try {
            return begin == at ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text.substring(begin, at)));
        } catch (NumberFormatException e) {
            at = begin;
            throw wrong("a number");
        }
    }

    private Filter filter() {
        Filter.Operand left = operand();
        skipSpace();
        for (Filter.Comparison each : Filter.Comparison.values()) {
            if (skip(each.sign)) {
                Filter.Operand right = operand();
                skipSpace();
                return new Filter(left, Optional.of(each), right);
            }
        }
        return new Filter(left, Optional.empty(), left);
    }

    private Filter.Operand operand() {
        skipSpace();
        if (sees("@") || sees("$") || sees(".")) {
            JsonPath path = path();
            return path::find;
        }
        JsonNode value = value();
        return (root, element) -> List.of(value);
    }

    private JsonNode value() {
        if (sees("'") || sees("\"")) {
            return TextNode.valueOf(quoted());
        }
        int begin = at;
        while (!atEnd() && ")=!<> ".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(begin, at);
        if (word.equals("true") || word.equals("false")) {
            return BooleanNode.valueOf(word.equals("true"));
        }
        try {
            return DecimalNode.valueOf(new BigDecimal(word));
        } catch (NumberFormatException e) {
            at = begin;
            throw wrong("a path, a number or quoted text");
        }
    }

    /// Text in `'` or `"`. Of escapes, `\n`, `\t`, `\r` and `\\` are known, and those of quotes; others stay as they
    /// are, for the path that a quoted name is.
    String quoted() {
        char quote = text.charAt(at++);
        StringBuilder quoted = new StringBuilder();
        while (!atEnd() && text.charAt(at) != quote) {
            char next = text.charAt(at++);
            if (next != '\\' || atEnd()) {
                quoted.append(next);
                continue;
            }
            char escaped = text.charAt(at++);
            switch (escaped) {
                case 'n' -> quoted.append('\n');
                case 't' -> quoted.append('\t');
                case 'r' -> quoted.append('\r');
                case '\\', '\'', '"' -> quoted.append(escaped);
                default -> quoted.append('\\').append(escaped);
            }
        }
        expect(Character.toString(quote));
        return quoted.toString();
    }
}
