package dev.slipway.desired.meta;

import dev.slipway.desired.meta.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Reads the text form of a label selector, from left to right with one look ahead.
final class LabelSelectorReader {
    private static final String NAME = "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?";
    private static final Pattern KEY = Pattern.compile("(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?" + NAME);
    private static final Pattern VALUE = Pattern.compile("(?:" + NAME + ")?");
    private static final String SYMBOLS = "=!,()<>";

    private final String text;
    private int at;

    LabelSelectorReader(String text) {
        this.text = text;
    }

    LabelSelector read() {
        List<Requirement> requirements = new ArrayList<>();
        skipBlanks();
        if (at == text.length()) {
            return LabelSelector.EVERYTHING;
        }
        do {
            requirements.add(requirement());
        } while (accept(","));
        if (at < text.length()) {
            throw unexpected("a comma or the end");
        }
        return new LabelSelector(requirements);
    }

    private Requirement requirement() {
        if (accept("!")) {
            return new Requirement.DoesNotExist(key());
        }
        String key = key();
        if (accept("==") || accept("=")) {
            return new Requirement.In(key, Set.of(value()));
        }
        if (accept("!=")) {
            return new Requirement.NotIn(key, Set.of(value()));
        }
        if (accept(">")) {
            return new Requirement.Compared(key, true, number());
        }
        if (accept("<")) {
            return new Requirement.Compared(key, false, number());
        }
        if (at == text.length() || text.charAt(at) == ',') {
            return new Requirement.Exists(key);
        }
        return switch (word()) {
            case "in" -> new Requirement.In(key, values());
            case "notin" -> new Requirement.NotIn(key, values());
            default -> throw unexpected("an operator behind " + key);
        };
    }

    private String key() {
        String key = word();
        if (!KEY.matcher(key).matches()) {
            throw unexpected("a label key, not \"" + key + "\"");
        }
        return key;
    }

    private String value() {
        String value = word();
        if (!VALUE.matcher(value).matches()) {
            throw unexpected("a label value, not \"" + value + "\"");
        }
        return value;
    }

    private long number() {
        String value = word();
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw unexpected("a whole number, not \"" + value + "\"");
        }
    }

    private Set<String> values() {
        Set<String> values = new TreeSet<>();
        if (!accept("(")) {
            throw unexpected("(");
        }
        do {
            values.add(value());
        } while (accept(","));
        if (!accept(")")) {
            throw unexpected(")");
        }
        return values;
    }

    private String word() {
        int start = at;
        while (at < text.length() && SYMBOLS.indexOf(text.charAt(at)) < 0 && !Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        String word = text.substring(start, at);
        skipBlanks();
        return word;
    }

    private boolean accept(String symbol) {
        if (!text.startsWith(symbol, at)) {
            return false;
        }
        at += symbol.length();
        skipBlanks();
        return true;
    }

    private void skipBlanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private IllegalArgumentException unexpected(String wanted) {
        return new IllegalArgumentException(
                "unable to parse selector \"%s\": expected %s at column %d".formatted(text, wanted, at + 1));
    }
}
