package dev.slipway.engine.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Reads one pattern of [Wildcards#GO]. For one thread.
final class GoPattern {
    private final String text;
    /// What stands between the stars.
    private final List<StringBuilder> parts = new ArrayList<>(List.of(new StringBuilder()));

    private int at;

    GoPattern(String text) {
        this.text = text;
    }

    Pattern compile() {
        while (at < text.length()) {
            switch (text.charAt(at)) {
                case '*' -> {
                    at++;
                    parts.add(new StringBuilder());
                }
                case '?' -> {
                    at++;
                    put(".");
                }
                case '[' -> set();
                default -> put(literal(letter()));
            }
        }
        return Wildcards.joined(parts.stream().map(StringBuilder::toString).toList());
    }

    private void put(String expression) {
        parts.getLast().append(expression);
    }

    private void set() {
        at++;
        boolean isNegated = text.startsWith("^", at);
        at += isNegated ? 1 : 0;
        StringBuilder members = new StringBuilder();
        do {
            members.append(range());
        } while (!text.startsWith("]", at));
        at++;
        String one = members.isEmpty() ? "(?!)" : "[" + members + "]";
        put(isNegated ? "(?!" + one + ")." : one);
    }

    /// One that runs backwards holds nothing, and is no mistake.
    private String range() {
        int low = member();
        int high = low;
        if (text.startsWith("-", at)) {
            at++;
            high = member();
        }
        return low <= high ? literal(low) + "-" + literal(high) : "";
    }

    /// One letter in brackets: `]` and `-` mean themselves only after a backslash.
    private int member() {
        if (at == text.length()) {
            throw malformed("a [ is not closed");
        }
        char first = text.charAt(at);
        if (first == '-' || first == ']') {
            throw malformed("%s at this place in brackets needs a backslash".formatted(first));
        }
        return letter();
    }

    /// The letter at this place, or the one that a backslash escapes.
    private int letter() {
        if (text.charAt(at) == '\\') {
            at++;
            if (at == text.length()) {
                throw malformed("nothing follows the backslash");
            }
        }
        int letter = text.codePointAt(at);
        at += Character.charCount(letter);
        return letter;
    }

    private static String literal(int letter) {
        return "\\x{%x}".formatted(letter);
    }

    private IllegalArgumentException malformed(String why) {
        return new IllegalArgumentException("%s is no pattern: %s".formatted(text, why));
    }
}
