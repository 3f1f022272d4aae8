package dev.slipway.desired.meta;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Selects objects by their labels: all requirements have to hold.
///
/// @spec https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors Label selectors
public record LabelSelector(List<Requirement> requirements) {
    public static final LabelSelector EVERYTHING = new LabelSelector(List.of());

    public LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /// Reads the form of the `labelSelector` parameter: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`; an empty text
    /// selects everything.
    ///
    /// @throws IllegalArgumentException when the text is not of that form; the message says where
    public static LabelSelector parse(String text) {
        return new LabelSelectorReader(text).read();
    }

    /// Reads the form that objects have: `matchLabels` and `matchExpressions`. What validation refuses selects
    /// nothing.
    public static LabelSelector of(JsonNode selector) {
        List<Requirement> requirements = new ArrayList<>();
        selector.path("matchLabels")
                .properties()
                .forEach(label -> requirements.add(new Requirement.In(
                        label.getKey(), Set.of(label.getValue().asText()))));
        selector.path("matchExpressions").forEach(expression -> requirements.add(requirement(expression)));
        return new LabelSelector(requirements);
    }

    /// One of `matchExpressions`.
    static Requirement requirement(JsonNode expression) {
        String key = expression.path("key").asText();
        Set<String> values = new TreeSet<>();
        expression.path("values").forEach(value -> values.add(value.asText()));
        return switch (expression.path("operator").asText()) {
            case "In" -> new Requirement.In(key, values);
            case "NotIn" -> new Requirement.NotIn(key, values);
            case "Exists" -> new Requirement.Exists(key);
            case "DoesNotExist" -> new Requirement.DoesNotExist(key);
            default -> new Requirement.In(key, Set.of());
        };
    }

    public boolean matches(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.matches(labels));
    }

    /// In the form that [#parse] reads.
    @Override
    public String toString() {
        return String.join(",", requirements.stream().map(Requirement::toString).toList());
    }

    /// What one label has to be. As in Kubernetes, an object without the label satisfies [NotIn].
    public sealed interface Requirement {
        String key();

        boolean matches(Map<String, String> labels);

        private static String listed(String key, String operator, Set<String> values) {
            return "%s %s (%s)".formatted(key, operator, String.join(",", new TreeSet<>(values)));
        }

        record In(String key, Set<String> values) implements Requirement {
            public In {
                values = Set.copyOf(values);
            }

            @Override
            public String toString() {
                return values.size() == 1 ? key + "=" + values.iterator().next() : listed(key, "in", values);
            }

            @Override
            public boolean matches(Map<String, String> labels) {
                String value = labels.get(key);
                return value != null && values.contains(value);
            }
        }

        record NotIn(String key, Set<String> values) implements Requirement {
            public NotIn {
                values = Set.copyOf(values);
            }

            @Override
            public String toString() {
                return values.size() == 1 ? key + "!=" + values.iterator().next() : listed(key, "notin", values);
            }

            @Override
            public boolean matches(Map<String, String> labels) {
                String value = labels.get(key);
                return value == null || !values.contains(value);
            }
        }

        record Exists(String key) implements Requirement {
            @Override
            public String toString() {
                return key;
            }

            @Override
            public boolean matches(Map<String, String> labels) {
                return labels.containsKey(key);
            }
        }

        record DoesNotExist(String key) implements Requirement {
            @Override
            public String toString() {
                return "!" + key;
            }

            @Override
            public boolean matches(Map<String, String> labels) {
                return !labels.containsKey(key);
            }
        }

        /// Compares whole numbers; a label that is none does not match.
        ///
        /// @param greater whether the label has to be greater than `bound`, or else less
        record Compared(String key, boolean greater, long bound) implements Requirement {
            @Override
            public String toString() {
                return key + (greater ? ">" : "<") + bound;
            }

            @Override
            public boolean matches(Map<String, String> labels) {
                try {
                    String value = labels.get(key);
                    return value != null && (greater ? Long.parseLong(value) > bound : Long.parseLong(value) < bound);
                } catch (NumberFormatException e) {
                    return false;
                }
            }
        }
    }
}
