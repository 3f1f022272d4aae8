package dev.slipway.desired.kind.kubernetes;

import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.model.OwnResources;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What limits and requests of a container must be.
public final class ResourceRules {
    static final String QUANTITY =
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    private static final Set<String> STANDARD = Set.of("cpu", "memory", "ephemeral-storage");
    private static final String HUGE_PAGES = "hugepages-";

    private ResourceRules() {}

    static void validate(Place resources) {
        own(resources.at("limits"));
        hugePages(resources);
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

    private static void own(Place limits) {
        for (Place limit : limits.entries()) {
            Optional<BigDecimal> amount = Quantities.parse(limit.text());
            if (limit.name().startsWith(OwnResources.PREFIX) && amount.isPresent()) {
                switch (limit.name()) {
                    case OwnResources.PIDS -> within(limit, amount.get(), Integer.MAX_VALUE);
                    case OwnResources.IO_WEIGHT -> within(limit, amount.get(), OwnResources.LARGEST_IO_WEIGHT);
                    case OwnResources.SWAP -> {}
                    default ->
                        limit.invalid("is none of the engine's own: %s, %s and %s"
                                .formatted(OwnResources.PIDS, OwnResources.SWAP, OwnResources.IO_WEIGHT));
                }
            }
        }
    }

    private static void within(Place amount, BigDecimal number, long largest) {
        boolean isRight = number.compareTo(BigDecimal.ONE) >= 0
                && number.compareTo(BigDecimal.valueOf(largest)) <= 0
                && number.stripTrailingZeros().scale() <= 0;
        amount.holds(isRight, "must be a whole number between 1 and " + largest);
    }

    /// Huge pages are set apart, so a request and a limit that differ mean nothing.
    ///
    /// @spec https://kubernetes.io/docs/tasks/manage-hugepages/scheduling-hugepages/ Kubernetes: Manage HugePages
    private static void hugePages(Place resources) {
        Place limits = resources.at("limits");
        Place requests = resources.at("requests");
        List<Place> named = Stream.concat(limits.entries().stream(), requests.entries().stream())
                .filter(amount -> amount.name().startsWith(HUGE_PAGES))
                .toList();
        for (Place amount : named) {
            amount.holds(
                    Quantities.parse(amount.name().substring(HUGE_PAGES.length()))
                            .filter(size -> size.signum() > 0)
                            .isPresent(),
                    "must end in the size of a page, for instance hugepages-2Mi");
            boolean isLimit = amount.path().startsWith(limits.path());
            Place other = isLimit ? requests.at(amount.name()) : limits.at(amount.name());
            amount.holds(
                    isLimit && !other.isThere()
                            || Quantities.parse(amount.text()).equals(Quantities.parse(other.text())),
                    "limit and request of %s must be equal".formatted(amount.name()));
        }
        boolean hasMore = Stream.of("cpu", "memory")
                .anyMatch(name -> limits.at(name).isThere() || requests.at(name).isThere());
        if (!named.isEmpty() && !hasMore) {
            resources.forbidden("HugePages require cpu or memory");
        }
    }

    /// A quantity that is not negative.
    public static void quantity(Place amount) {
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
