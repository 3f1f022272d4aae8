package dev.slipway.actor.registry;

import dev.slipway.engine.image.PullOutcome;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.RateLimit;
import dev.slipway.engine.registry.RegistryException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Whether registries answered last, learned from those who use them. Safe for use by many threads.
public final class RegistryReach {
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final Function<String, Optional<RateLimit>> limits;
    private final Consumer<String> changed;

    /// @param limits what hosts have said of their limits
    /// @param changed called with a host of which another thing is known now
    public RegistryReach(Function<String, Optional<RateLimit>> limits, Consumer<String> changed) {
        this.limits = limits;
        this.changed = changed;
    }

    private record Known(Reach reach, Optional<RateLimit> limit) {}

    /// @param error why it did not answer, or refused; empty when all was well
    record Reach(boolean reachable, String error) {
        static final Reach WELL = new Reach(true, "");
    }

    Optional<Reach> of(String host) {
        return Optional.ofNullable(known.get(host)).map(Known::reach);
    }

    /// How a pull went that may have asked the registry of `name`.
    public void heard(Reference name, PullOutcome outcome) {
        switch (outcome) {
            case PullOutcome.Pulled pulled -> set(name.repository().host(), Reach.WELL);
            case PullOutcome.AlreadyPresent present -> {}
            case PullOutcome.Failed failed -> heard(name, failed);
        }
    }

    /// How a question went that the registry of `name` was asked.
    ///
    /// @param failure null if it was answered
    public void asked(Reference name, @Nullable IOException failure) {
        String host = name.repository().host();
        if (failure == null) {
            set(host, Reach.WELL);
        } else if (failure instanceof RegistryException refusal) {
            String message = String.valueOf(refusal.getMessage());
            switch (refusal.kind()) {
                case UNREACHABLE -> set(host, new Reach(false, message));
                case UNAUTHORIZED, RATE_LIMITED, PROTOCOL -> set(host, new Reach(true, message));
                case NOT_FOUND -> set(host, Reach.WELL);
            }
        }
    }

    private void heard(Reference name, PullOutcome.Failed failed) {
        String host = name.repository().host();
        switch (failed.reason()) {
            case UNREACHABLE -> set(host, new Reach(false, failed.message()));
            case UNAUTHORIZED, RATE_LIMITED, CORRUPT -> set(host, new Reach(true, failed.message()));
            case NOT_FOUND, NO_MATCHING_PLATFORM, UNVERIFIED -> set(host, Reach.WELL);
            case NEVER_PULL, NO_SPACE, DISK, INTERRUPTED -> {}
        }
    }

    void set(String host, Reach reach) {
        Known now = new Known(reach, limits.apply(host));
        if (!now.equals(known.put(host, now))) {
            changed.accept(host);
        }
    }
}
