package dev.slipway.desired.kind;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `500m`, `1.5`, `64Mi`, `2e3`. Numbers are bounded before anything is computed with them, because an exponent
/// of
/// a billion fills all memory.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ Kubernetes: Quantity
public final class Quantities {
    private static final Pattern GRAMMAR =
            Pattern.compile("([+-]?[0-9]{0,18}(?:\\.[0-9]{0,18})?)(|[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})");
    private static final Map<String, BigDecimal> SUFFIXES = Map.ofEntries(
            Map.entry("", BigDecimal.ONE),
            Map.entry("n", new BigDecimal("1e-9")),
            Map.entry("u", new BigDecimal("1e-6")),
            Map.entry("m", new BigDecimal("1e-3")),
            Map.entry("k", new BigDecimal("1e3")),
            Map.entry("M", new BigDecimal("1e6")),
            Map.entry("G", new BigDecimal("1e9")),
            Map.entry("T", new BigDecimal("1e12")),
            Map.entry("P", new BigDecimal("1e15")),
            Map.entry("E", new BigDecimal("1e18")),
            Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
            Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
            Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
            Map.entry("Ti", BigDecimal.valueOf(1L << 40)),
            Map.entry("Pi", BigDecimal.valueOf(1L << 50)),
            Map.entry("Ei", BigDecimal.valueOf(1L << 60)));

    private Quantities() {}

    /// The number that `text` means, or empty when it is not a quantity.
    public static Optional<BigDecimal> parse(String text) {
        Matcher matcher = GRAMMAR.matcher(text.strip());
        if (!matcher.matches()
                || matcher.group(1).isEmpty()
                || !matcher.group(1).matches(".*[0-9].*")) {
            return Optional.empty();
        }
        BigDecimal number = new BigDecimal(matcher.group(1));
        String suffix = matcher.group(2);
        BigDecimal factor = SUFFIXES.get(suffix);
        return Optional.of(number.multiply(factor == null ? new BigDecimal("1" + suffix) : factor));
    }
}
