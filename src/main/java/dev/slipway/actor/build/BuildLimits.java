package dev.slipway.actor.build;

import dev.slipway.desired.model.ImageSpec;
import dev.slipway.engine.build.BuildRequest.RunLimits;
import dev.slipway.engine.oci.Durations;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Reads what programs of a build may use from the spec of an Image, which was validated. Pure.
final class BuildLimits {
    private static final int MILLIS = 3;

    private BuildLimits() {}

    static RunLimits of(ImageSpec.Build build) {
        Map<String, Quantity> limits =
                build.resources() == null || build.resources().limits() == null
                        ? Map.of()
                        : build.resources().limits();
        return new RunLimits(
                amount(limits.get("cpu"), MILLIS).stream()
                        .filter(millis -> millis > 0)
                        .findFirst(),
                amount(limits.get("memory"), 0),
                build.timeout() == null ? RunLimits.STANDARD.timeout() : Durations.parse(build.timeout()));
    }

    /// In units of ten to the minus `scale`, parts of one rounded up; empty when nothing is said.
    private static OptionalLong amount(@Nullable Quantity quantity, int scale) {
        if (quantity == null) {
            return OptionalLong.empty();
        }
        BigDecimal units =
                quantity.getNumericalAmount().scaleByPowerOfTen(scale).setScale(0, RoundingMode.CEILING);
        return OptionalLong.of(units.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValueExact());
    }
}
