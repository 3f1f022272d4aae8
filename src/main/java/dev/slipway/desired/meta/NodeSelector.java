package dev.slipway.desired.meta;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Selects Nodes by their labels and names: one of the terms has to hold.
///
/// @spec https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity Kubernetes: Node
///     affinity
public record NodeSelector(List<Term> terms) {
    public NodeSelector {
        terms = List.copyOf(terms);
    }

    /// All of it has to hold; one that requires nothing selects nothing.
    public record Term(LabelSelector labels, LabelSelector fields) {
        boolean matches(ApiObject node) {
            boolean isEmpty =
                    labels.requirements().isEmpty() && fields.requirements().isEmpty();
            return !isEmpty && labels.matches(node.labels()) && fields.matches(Map.of("metadata.name", node.name()));
        }
    }

    /// Reads the form that objects have: `nodeSelectorTerms`. What Kubernetes' validation refuses selects nothing.
    public static NodeSelector of(JsonNode selector) {
        List<Term> terms = new ArrayList<>();
        selector.path("nodeSelectorTerms")
                .forEach(
                        term -> terms.add(new Term(all(term.path("matchExpressions")), all(term.path("matchFields")))));
        return new NodeSelector(terms);
    }

    private static LabelSelector all(JsonNode expressions) {
        List<Requirement> requirements = new ArrayList<>();
        expressions.forEach(expression -> requirements.add(requirement(expression)));
        return new LabelSelector(requirements);
    }

    private static Requirement requirement(JsonNode expression) {
        return switch (expression.path("operator").asText()) {
            case "Gt" -> compared(expression, true);
            case "Lt" -> compared(expression, false);
            default -> LabelSelector.requirement(expression);
        };
    }

    private static Requirement compared(JsonNode expression, boolean greater) {
        String key = expression.path("key").asText();
        try {
            return new Requirement.Compared(
                    key, greater, Long.parseLong(expression.at("/values/0").asText()));
        } catch (NumberFormatException e) {
            return new Requirement.In(key, Set.of());
        }
    }

    public boolean matches(ApiObject node) {
        return terms.stream().anyMatch(term -> term.matches(node));
    }
}
