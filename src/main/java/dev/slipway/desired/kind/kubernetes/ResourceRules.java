package dev.slipway.desired.kind.kubernetes;

import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.Quantities;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What limits and requests of a container must be.
final class ResourceRules {
    static final String QUANTITY =
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    private static final Set<String> STANDARD = Set.of("cpu", "memory", "ephemeral-storage");
    private static final String HUGE_PAGES = "hugepages-";

    private ResourceRules() {}

    static void validate(Place resources) {
        for (String list : List.of("limits", "requests")) {
            for (Place amount : resources.at(list).entries()) {
                name(amount);
                quantity(amount);
            }
        }
        Place limits = resources.at("limits");
        for (Place request : resources.at("requests").entries()) {
            Optional<BigDecimal> limit =
                    Quantities.parse(limits.at(request.name()).text());
            Optional<BigDecimal> amount = Quantities.parse(request.text());
            if (limit.isPresent() && amount.isPresent() && amount.get().compareTo(limit.get()) > 0) {
                request.findings()
                        .invalid(
                                resources.at("requests").path(),
                                request.text(),
                                "must be less than or equal to %s limit of %s"
                                        .formatted(
                                                request.name(),
                                                limits.at(request.name()).text()));
            }
        }
    }

    /// A quantity that is not negative.
    static void quantity(Place amount) {
        Optional<BigDecimal> number = Quantities.parse(amount.text());
        if (number.isEmpty()) {
            amount.invalid(QUANTITY);
        } else {
            amount.holds(number.get().signum() >= 0, "must be greater than or equal to 0");
        }
    }

    private static void name(Place amount) {
        String name = amount.name();
        List<String> faults = Names.qualified(name);
        faults.forEach(fault -> amount.findings().invalid(amount.path(), name, fault));
        if (faults.isEmpty() && !name.contains("/") && !STANDARD.contains(name) && !name.startsWith(HUGE_PAGES)) {
            amount.findings().invalid(amount.path(), name, "must be a standard resource for containers");
        }
    }
}
