package dev.slipway.actor.space;

import dev.slipway.engine.oci.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The images of this host at one moment, as far as collecting goes by them.
public record Inventory(List<Candidate> candidates, List<Content> contents) {
    public Inventory {
        candidates = List.copyOf(candidates);
        contents = List.copyOf(contents);
    }

    /// An Image object that nobody needs, and that may go.
    ///
    /// @param minimumAge how long it has to be unused, where the object says so
    public record Candidate(String name, Instant unusedSince, Optional<Duration> minimumAge) {}

    /// Whether something is freed once this candidate has gone, and others maybe.
    boolean isWorthRemoving(Candidate candidate) {
        return contents.stream()
                .anyMatch(content -> !content.isNeeded() && content.holders().contains(candidate.name()));
    }

    /// An image that is present.
    ///
    /// @param parts how many bytes each blob and each layer takes, by digest
    /// @param holders the candidates that have to go before it does
    /// @param isNeeded whether something else holds it, too
    public record Content(Digest digest, Map<Digest, Long> parts, Set<String> holders, boolean isNeeded) {
        public Content {
            parts = Map.copyOf(parts);
            holders = Set.copyOf(holders);
        }

        boolean goesWith(Set<String> going) {
            return !isNeeded && !holders.isEmpty() && going.containsAll(holders);
        }
    }
}
