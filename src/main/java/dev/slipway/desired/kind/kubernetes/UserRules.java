package dev.slipway.desired.kind.kubernetes;

import dev.slipway.desired.kind.Place;

/// Which users of the host a pod or container can be.
public final class UserRules {
    /// So many that somebody who is nobody else fits in: 65534 is.
    private static final long FEWEST = 1 << 16;

    private static final long LARGEST_ID = Integer.MAX_VALUE;

    private UserRules() {}

    /// @param first what user 0 is on the host, may be missing
    /// @param size how many there are, may be missing
    public static void range(Place first, Place size) {
        first.between(1, LARGEST_ID);
        size.between(1, LARGEST_ID);
        long last = first.value().asLong(1) + size.value().asLong(FEWEST) - 1;
        first.holds(!first.isThere() || last <= LARGEST_ID, "must leave room for all ids up to " + LARGEST_ID);
    }
}
