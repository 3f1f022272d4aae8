package dev.slipway.engine.repository;

import dev.slipway.engine.oci.Digest;
import java.util.HashMap;
import java.util.Map;

/// What repositories need, and what is held while it is on its way. Not safe by itself: its owner's lock guards it.
final class Claims {
    private final Map<Digest, Integer> needed = new HashMap<>();
    private final Map<Digest, Integer> held = new HashMap<>();

    /// A repository has changed.
    void change(RepositoryContents before, RepositoryContents next) {
        before.needs().forEach(digest -> add(needed, digest, -1));
        next.needs().forEach(digest -> add(needed, digest, 1));
    }

    void hold(Digest blob) {
        add(held, blob, 1);
    }

    void letGo(Digest blob) {
        add(held, blob, -1);
    }

    boolean isClaimed(Digest blob) {
        return needed.containsKey(blob) || held.containsKey(blob);
    }

    private static void add(Map<Digest, Integer> counts, Digest digest, int change) {
        counts.merge(digest, change, (one, other) -> one + other == 0 ? null : one + other);
    }
}
