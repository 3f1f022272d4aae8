package dev.slipway.desired.meta;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/// Selects objects by the values of some fields: all terms have to hold. Which fields may be named is a rule of the
/// kind; a field that an object does not have counts as empty.
///
/// @spec https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/ Field Selectors
public record FieldSelector(List<Term> terms) {
    public static final FieldSelector EVERYTHING = new FieldSelector(List.of());

    public FieldSelector {
        terms = List.copyOf(terms);
    }

    /// @param path names of fields joined by dots, for instance `status.phase`
    /// @param equal whether the field has to have `value`, or anything else
    public record Term(String path, String value, boolean equal) {
        boolean matches(JsonNode tree) {
            JsonNode field = tree;
            for (String name : path.split("\\.")) {
                field = field.path(name);
            }
            return field.asText().equals(value) == equal;
        }
    }

    /// Reads the form of the `fieldSelector` parameter: `a.b=c,d.e!=f`, where a backslash takes the meaning from
    /// the comma, equals sign or backslash behind it; an empty text selects everything.
    ///
    /// @throws IllegalArgumentException when the text is not of that form
    public static FieldSelector parse(String text) {
        List<Term> terms = new ArrayList<>();
        for (String term : split(text)) {
            if (!term.isBlank()) {
                terms.add(term(term.strip(), text));
            }
        }
        return new FieldSelector(terms);
    }

    public boolean matches(ApiObject object) {
        return terms.stream().allMatch(term -> term.matches(object.tree()));
    }

    private static List<String> split(String text) {
        List<String> terms = new ArrayList<>();
        int start = 0;
        for (int at = 0; at < text.length(); at++) {
            if (text.charAt(at) == '\\') {
                at++;
            } else if (text.charAt(at) == ',') {
                terms.add(text.substring(start, at));
                start = at + 1;
            }
        }
        terms.add(text.substring(start));
        return terms;
    }

    private static Term term(String term, String whole) {
        int at = term.indexOf('=');
        if (at < 1) {
            throw new IllegalArgumentException(
                    "invalid field selector \"%s\": \"%s\" has no operator =, == or !=".formatted(whole, term));
        }
        boolean equal = term.charAt(at - 1) != '!';
        String path = term.substring(0, equal ? at : at - 1);
        String value = term.substring(equal && term.startsWith("==", at) ? at + 2 : at + 1);
        return new Term(path, unescaped(value, whole), equal);
    }

    private static String unescaped(String value, String whole) {
        StringBuilder plain = new StringBuilder();
        for (int at = 0; at < value.length(); at++) {
            char c = value.charAt(at);
            if (c == '=') {
                throw new IllegalArgumentException("invalid field selector \"%s\": = in a value".formatted(whole));
            }
            if (c == '\\') {
                at++;
                if (at == value.length() || "\\,=".indexOf(value.charAt(at)) < 0) {
                    throw new IllegalArgumentException(
                            "invalid field selector \"%s\": lone backslash".formatted(whole));
                }
                c = value.charAt(at);
            }
            plain.append(c);
        }
        return plain.toString();
    }
}
