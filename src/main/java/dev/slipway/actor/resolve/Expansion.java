package dev.slipway.actor.resolve;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Replaces `$(NAME)` by the value of a variable. One that is not defined stays as it is written, and `$$` is a
/// dollar sign that begins nothing.
///
/// @spec https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
///     Kubernetes: Define Dependent Environment Variables
final class Expansion {
    private Expansion() {}

    static String expand(String text, Map<String, String> variables) {
        return expand(text, variables, new ArrayList<>());
    }

    /// As [#expand], where a name as it is written would be taken for a value.
    ///
    /// @throws MissingReferenceException when a variable is not defined
    static String expandAll(String text, Map<String, String> variables) throws MissingReferenceException {
        List<String> missing = new ArrayList<>();
        String expanded = expand(text, variables, missing);
        if (!missing.isEmpty()) {
            throw new MissingReferenceException(
                    "missing value for \"%s\" in \"%s\"".formatted(missing.getFirst(), text));
        }
        return expanded;
    }

    private static String expand(String text, Map<String, String> variables, List<String> missing) {
        int dollar = text.indexOf('$');
        if (dollar < 0) {
            return text;
        }
        StringBuilder expanded = new StringBuilder();
        int from = 0;
        for (; dollar >= 0 && dollar + 1 < text.length(); dollar = text.indexOf('$', from)) {
            expanded.append(text, from, dollar);
            from = dollar + appendAt(text, dollar, variables, missing, expanded);
        }
        return expanded.append(text, from, text.length()).toString();
    }

    /// Appends what the dollar sign at `dollar` begins.
    ///
    /// @return how many characters of `text` that stands for
    private static int appendAt(
            String text, int dollar, Map<String, String> variables, List<String> missing, StringBuilder expanded) {
        char next = text.charAt(dollar + 1);
        int end = next == '(' ? text.indexOf(')', dollar + 2) : -1;
        if (end >= 0) {
            String name = text.substring(dollar + 2, end);
            String value = variables.get(name);
            if (value == null) {
                missing.add(name);
            }
            expanded.append(value == null ? "$(" + name + ")" : value);
            return end + 1 - dollar;
        }
        expanded.append(next == '$' ? "$" : "$" + next);
        return 2;
    }
}
