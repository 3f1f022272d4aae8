package dev.slipway.actor.space;

import java.util.List;

/// Which images are to go, the longest unused first.
///
/// @param wantedBytes how much should be freed for space; zero when there is enough
/// @param freedBytes how much goes
/// @param wantsInodes whether something has to go for its inodes
public record CollectionPlan(List<Removal> removals, long wantedBytes, long freedBytes, boolean wantsInodes) {
    public CollectionPlan {
        removals = List.copyOf(removals);
    }

    boolean isTooLittle() {
        return freedBytes < wantedBytes || wantsInodes && removals.isEmpty();
    }
}
