package dev.slipway.desired.meta;

import java.util.List;
import java.util.Map;
import java.util.Set;

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

    public boolean matches(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.matches(labels));
    }

    /// What one label has to be. As in Kubernetes, an object without the label satisfies [NotIn].
    public sealed interface Requirement {
        String key();

        boolean matches(Map<String, String> labels);

        record In(String key, Set<String> values) implements Requirement {
            public In {
                values = Set.copyOf(values);
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
            public boolean matches(Map<String, String> labels) {
                String value = labels.get(key);
                return value == null || !values.contains(value);
            }
        }

        record Exists(String key) implements Requirement {
            @Override
            public boolean matches(Map<String, String> labels) {
                return labels.containsKey(key);
            }
        }

        record DoesNotExist(String key) implements Requirement {
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
