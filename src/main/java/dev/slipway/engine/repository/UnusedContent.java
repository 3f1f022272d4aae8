package dev.slipway.engine.repository;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What of repositories nobody needs: manifests that no tag leads to any more, directly, by an index, or because they
/// are about one that is kept; and copies of other registries' repositories, which can be had again.
///
/// What somebody fetches at this moment stays, and so does what a client was told is here and has not used yet. Each
/// repository changes in one step; a kill in between leaves content without an owner, which is swept up later.
public final class UnusedContent {
    private final Repositories repositories;
    private final InstantSource clock;

    UnusedContent(Repositories repositories, InstantSource clock) {
        this.repositories = repositories;
        this.clock = clock;
    }

    interface Work<T> {
        T run() throws IOException;
    }

    /// What may go: some manifests of a repository, or all of one that is a copy.
    ///
    /// @param unusedSince of the longest unused of it
    public record Spare(Repository repository, boolean mirrored, Instant unusedSince) {}

    /// What went.
    ///
    /// @param freed may be freed unless it is claimed
    public record Gone(int manifests, Set<Digest> freed) {
        static final Gone NOTHING = new Gone(0, Set.of());
    }

    /// What may go, the longest unused first; one for each time at which something of a repository became unused.
    ///
    /// @param needed manifests that somebody else needs
    public SortedSet<Spare> list(Set<Digest> needed) throws IOException {
        return repositories.locked(() -> {
            SortedSet<Spare> spares = new TreeSet<>(Comparator.comparing(Spare::unusedSince)
                    .thenComparing(spare -> spare.repository().toString()));
            for (Repository repository : repositories.list()) {
                RepositoryContents before = repositories.contents(repository);
                Set<Digest> going = difference(before, left(repository, Instant.MAX, needed));
                if (before.mirrored() && !going.isEmpty()) {
                    spares.add(new Spare(repository, true, repositories.used(repository)));
                } else {
                    going.stream()
                            .map(before.unused()::get)
                            .filter(since -> since != null)
                            .forEach(since -> spares.add(new Spare(repository, false, since)));
                }
            }
            return spares;
        });
    }

    /// What repositories would not need any more if all of it went.
    public Set<Digest> parts(Set<Digest> needed) throws IOException {
        return repositories.locked(() -> {
            Set<Digest> parts = new HashSet<>();
            Set<Digest> kept = new HashSet<>();
            for (Repository repository : repositories.list()) {
                parts.addAll(repositories.contents(repository).needs());
                kept.addAll(left(repository, Instant.MAX, needed).needs());
            }
            parts.removeAll(kept);
            return parts;
        });
    }

    /// Takes away what of a repository has been unused since `until` or longer.
    ///
    /// @param needed as for [#list]
    public Gone remove(Repository repository, Instant until, Set<Digest> needed) throws IOException {
        return repositories.locked(() -> {
            RepositoryContents before = repositories.contents(repository);
            RepositoryContents left = left(repository, until, needed);
            Set<Digest> going = difference(before, left);
            if (going.isEmpty()) {
                return Gone.NOTHING;
            }
            repositories.save(repository, left);
            Set<Digest> freed = before.needs();
            freed.removeAll(left.needs());
            return new Gone(going.size(), freed);
        });
    }

    private RepositoryContents left(Repository repository, Instant until, Set<Digest> needed) {
        RepositoryContents now = repositories.contents(repository);
        if (now.mirrored()) {
            Instant used = repositories.used(repository);
            boolean isAtRest = repositories.readers().manifests(repository).isEmpty()
                    && !clock.instant().isBefore(used.plus(Readers.SILENCE));
            return isAtRest && !used.isAfter(until) ? RepositoryContents.EMPTY : now;
        }
        Set<Digest> kept = repositories.promised(repository);
        kept.addAll(needed);
        now.unused().entrySet().stream()
                .filter(each -> each.getValue().isAfter(until))
                .map(Map.Entry::getKey)
                .forEach(kept::add);
        return now.reduced(kept);
    }

    private static Set<Digest> difference(RepositoryContents before, RepositoryContents left) {
        return before.manifests().keySet().stream()
                .filter(digest -> !left.manifests().containsKey(digest))
                .collect(Collectors.toSet());
    }
}
