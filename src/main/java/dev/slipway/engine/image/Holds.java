package dev.slipway.engine.image;

import dev.slipway.engine.oci.Digest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What running pulls use and nobody may free meanwhile. Not safe by itself: its owner's lock guards it.
final class Holds {
    private final Map<Digest, Integer> counts = new HashMap<>();

    /// Takes part in `counts` for one pull until closed.
    final class Hold {
        private final List<Digest> held = new ArrayList<>();

        void add(Collection<Digest> digests) {
            held.addAll(digests);
            digests.forEach(digest -> counts.merge(digest, 1, Integer::sum));
        }

        /// Ends it, and returns what was held.
        List<Digest> release() {
            held.forEach(digest -> counts.computeIfPresent(digest, (same, count) -> count == 1 ? null : count - 1));
            return List.copyOf(held);
        }
    }

    Hold begin() {
        return new Hold();
    }

    boolean contains(Digest digest) {
        return counts.containsKey(digest);
    }
}
