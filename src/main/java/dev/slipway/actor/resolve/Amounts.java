package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Quantities;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.OptionalLong;

/// Amounts of cpu and memory as containers write them, in whole units, rounded up as Kubernetes does.
final class Amounts {
    private Amounts() {}

    /// Cpu in thousandths of one.
    static OptionalLong millis(JsonNode quantity) {
        return whole(quantity, 3);
    }

    /// A size in bytes.
    static OptionalLong bytes(JsonNode quantity) {
        return whole(quantity, 0);
    }

    /// `amount` counted in pieces of `divisor`, rounded up.
    static long divided(BigDecimal amount, BigDecimal divisor) {
        return clamped(amount.divide(divisor, 0, RoundingMode.CEILING));
    }

    static Optional<BigDecimal> exact(JsonNode quantity) {
        return quantity.isMissingNode() || quantity.isNull() ? Optional.empty() : Quantities.parse(quantity.asText());
    }

    private static OptionalLong whole(JsonNode quantity, int decimals) {
        return exact(quantity)
                .map(number -> number.movePointRight(decimals).setScale(0, RoundingMode.CEILING))
                .map(number -> OptionalLong.of(clamped(number)))
                .orElse(OptionalLong.empty());
    }

    private static long clamped(BigDecimal number) {
        return number.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
    }
}
