package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.door.jsonpath.JsonPath;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Brings objects into the order of a value in them, as kubectl does: numbers and quantities by what they are worth,
/// other text by its letters and by the numbers in it (`web-2` before `web-10`), those that have none first.
///
/// @param words as the user said it
public record Sorting(String words, JsonPath path) {
    /// @throws WrongUsageException when the text is no path
    public static Sorting parse(String text) {
        try {
            return new Sorting(text, JsonPath.parse(text));
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException("--sort-by: " + e.getMessage());
        }
    }

    /// @param object what of an item has the value
    /// @throws IOException when none of several has it
    public List<JsonNode> sorted(List<JsonNode> items, UnaryOperator<JsonNode> object) throws IOException {
        if (!items.isEmpty()
                && items.stream().allMatch(item -> value(object.apply(item)).isEmpty())) {
            throw new IOException("couldn't find any field with path \"%s\" in the list of objects".formatted(words));
        }
        return items.stream()
                .sorted((one, other) -> compare(value(object.apply(one)), value(object.apply(other))))
                .toList();
    }

    private Optional<String> value(JsonNode object) {
        List<JsonNode> found = path.find(object);
        return found.isEmpty() ? Optional.empty() : Optional.of(JsonPath.text(found.getFirst()));
    }

    private static int compare(Optional<String> one, Optional<String> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return Boolean.compare(one.isPresent(), other.isPresent());
        }
        Optional<BigDecimal> left = StatsTable.number(one.get());
        Optional<BigDecimal> right = StatsTable.number(other.get());
        return left.isPresent() && right.isPresent()
                ? left.get().compareTo(right.get())
                : NATURAL.compare(one.get(), other.get());
    }

    static final Comparator<String> NATURAL = (one, other) -> {
        int at = 0;
        int of = 0;
        while (at < one.length() && of < other.length()) {
            String left = digits(one, at);
            String right = digits(other, of);
            boolean areNumbers = !left.isEmpty() && !right.isEmpty();
            int order = areNumbers
                    ? new BigDecimal(left).compareTo(new BigDecimal(right))
                    : Character.compare(one.charAt(at), other.charAt(of));
            if (order != 0) {
                return order;
            }
            at += areNumbers ? left.length() : 1;
            of += areNumbers ? right.length() : 1;
        }
        return Integer.compare(one.length() - at, other.length() - of);
    };

    private static String digits(String text, int from) {
        int end = from;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return text.substring(from, end);
    }
}
