package dev.slipway.engine.image;

import dev.slipway.engine.oci.Digest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What nobody may free though no present image has it: running pulls use it, or containers may run from it. Not safe
/// by itself: its owner's lock guards it.
final class Holds {
    private final Map<Digest, Integer> counts = new HashMap<>();

    /// What lost images have, or may have, by their manifests. Images share sets.
    private final Map<Digest, List<Set<Digest>>> spared = new HashMap<>();

    private final Set<Digest> kept = new HashSet<>();

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

    /// Keeps `parts` as long as the image is lost.
    void spare(Digest lost, List<Set<Digest>> parts) {
        spared.put(lost, List.copyOf(parts));
    }

    /// Keeps `parts` for good.
    void keep(Set<Digest> parts) {
        kept.addAll(parts);
    }

    /// Those that are not in `lost` have been made whole, or forgotten.
    ///
    /// @return what was spared for them
    Set<Digest> spareOnly(Set<Digest> lost) {
        Set<Digest> free = new HashSet<>();
        spared.forEach((image, parts) -> {
            if (!lost.contains(image)) {
                parts.forEach(free::addAll);
            }
        });
        spared.keySet().retainAll(lost);
        return free;
    }

    boolean contains(Digest digest) {
        return counts.containsKey(digest)
                || kept.contains(digest)
                || spared.values().stream().flatMap(List::stream).anyMatch(parts -> parts.contains(digest));
    }
}
