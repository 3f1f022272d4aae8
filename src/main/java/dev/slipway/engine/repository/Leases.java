package dev.slipway.engine.repository;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Promises to keep blobs for a while. Not safe by itself: its owner's lock guards it.
final class Leases {
    private record Lease(Repository repository, Digest blob) {}

    private final Map<Lease, Instant> ends = new HashMap<>();
    private final Map<Digest, Integer> counts = new HashMap<>();

    /// Promises it anew, or for longer.
    void grant(Repository repository, Digest blob, Instant end) {
        if (ends.put(new Lease(repository, blob), end) == null) {
            counts.merge(blob, 1, Integer::sum);
        }
    }

    boolean isHeld(Repository repository, Digest blob) {
        return ends.containsKey(new Lease(repository, blob));
    }

    boolean isHeld(Digest blob) {
        return counts.containsKey(blob);
    }

    void end(Repository repository, Digest blob) {
        if (ends.remove(new Lease(repository, blob)) != null) {
            counts.computeIfPresent(blob, (same, count) -> count == 1 ? null : count - 1);
        }
    }

    /// Ends those that are over, and returns their blobs.
    Set<Digest> expire(Instant now) {
        Set<Lease> over = new HashSet<>();
        ends.forEach((lease, end) -> {
            if (end.isBefore(now)) {
                over.add(lease);
            }
        });
        Set<Digest> blobs = new HashSet<>();
        over.forEach(lease -> {
            end(lease.repository(), lease.blob());
            blobs.add(lease.blob());
        });
        return blobs;
    }
}
