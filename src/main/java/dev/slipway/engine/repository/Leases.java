package dev.slipway.engine.repository;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Promises to keep blobs for a while. Not safe by itself: its owner's lock guards it.
final class Leases {
    /// How long a blob waits for the manifest that needs it.
    private static final Duration LENGTH = Duration.ofHours(1);

    private record Lease(Repository repository, Digest blob) {}

    /// @param promises how often it was promised, and no manifest has come that makes good on it
    private record Term(Instant end, int promises) {}

    private final InstantSource clock;
    private final Map<Lease, Term> terms = new HashMap<>();
    private final Map<Digest, Integer> counts = new HashMap<>();

    /// @param clock that nobody sets
    Leases(InstantSource clock) {
        this.clock = clock;
    }

    /// Promises it anew, or for longer.
    void grant(Repository repository, Digest blob) {
        Instant end = clock.instant().plus(LENGTH);
        Lease lease = new Lease(repository, blob);
        Term before = terms.get(lease);
        terms.put(lease, new Term(end, before == null ? 1 : before.promises() + 1));
        if (before == null) {
            counts.merge(blob, 1, Integer::sum);
        }
    }

    /// One of those to whom it was promised has made use of that; the last one ends the lease.
    void fulfil(Repository repository, Digest blob) {
        Term term = terms.computeIfPresent(
                new Lease(repository, blob), (lease, before) -> new Term(before.end(), before.promises() - 1));
        if (term != null && term.promises() <= 0) {
            end(repository, blob);
        }
    }

    /// What was promised for a manifest that has come is kept by it. Who was told of a blob that another manifest
    /// needed may be somebody else.
    ///
    /// @param before what the repository needed before it came
    void fulfil(Repository repository, StoredManifest manifest, Set<Digest> before) {
        manifest.manifests().forEach(child -> fulfil(repository, child));
        manifest.blobs().stream().filter(blob -> !before.contains(blob)).forEach(blob -> fulfil(repository, blob));
    }

    boolean isHeld(Repository repository, Digest blob) {
        return terms.containsKey(new Lease(repository, blob));
    }

    boolean isHeld(Digest blob) {
        return counts.containsKey(blob);
    }

    void end(Repository repository, Digest blob) {
        if (terms.remove(new Lease(repository, blob)) != null) {
            counts.computeIfPresent(blob, (same, count) -> count == 1 ? null : count - 1);
        }
    }

    /// Ends those that are over, and returns their blobs.
    Set<Digest> expire() {
        Instant now = clock.instant();
        Set<Lease> over = new HashSet<>();
        terms.forEach((lease, term) -> {
            if (term.end().isBefore(now)) {
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
