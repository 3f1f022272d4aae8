package dev.slipway.door.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/// What an element has to be like.
///
/// @param comparison empty where the left side only has to be there
/// @param right nothing is compared with nothing
record Filter(Operand left, Optional<Comparison> comparison, Operand right) {
    /// A path, or a value by itself.
    @FunctionalInterface
    interface Operand {
        List<JsonNode> values(JsonNode root, JsonNode element);
    }

    enum Comparison {
        EQUAL("==", order -> order == 0),
        UNEQUAL("!=", order -> order != 0),
        AT_MOST("<=", order -> order <= 0),
        AT_LEAST(">=", order -> order >= 0),
        LESS("<", order -> order < 0),
        MORE(">", order -> order > 0);

        private static final Map<Comparison, Boolean> OF_WHAT_HAS_NO_ORDER = Map.of(EQUAL, false, UNEQUAL, true);

        final String sign;
        private final IntPredicate holds;

        Comparison(String sign, IntPredicate holds) {
            this.sign = sign;
            this.holds = holds;
        }

        private boolean holds(JsonNode left, JsonNode right) {
            if (left.isNumber() && right.isNumber()) {
                return holds.test(left.decimalValue().compareTo(right.decimalValue()));
            }
            if (left.isTextual() && right.isTextual()) {
                return holds.test(left.asText().compareTo(right.asText()));
            }
            return left.equals(right) ? holds.test(0) : OF_WHAT_HAS_NO_ORDER.getOrDefault(this, false);
        }
    }

    boolean holds(JsonNode root, JsonNode element) {
        List<JsonNode> here = left.values(root, element);
        if (comparison.isEmpty()) {
            return !here.isEmpty();
        }
        List<JsonNode> there = right.values(root, element);
        return here.size() == 1 && there.size() == 1 && comparison.get().holds(here.getFirst(), there.getFirst());
    }
}
