package dev.slipway.actor.space;

import dev.slipway.disk.FileSystemSpace;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.UnusedContent;
import dev.slipway.engine.repository.UnusedContent.Spare;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/// Removes from repositories what nobody needs of them, the longest unused first. Safe for use by many threads.
public final class RepositoryCollector {
    private static final Logger LOG = Logger.getLogger(RepositoryCollector.class);

    private final Repositories repositories;
    private final Freeing freeing;
    private final Supplier<Set<Digest>> needed;
    private final Quiet quiet;
    private final InstantSource clock;

    /// Frees those of some blobs that nobody needs.
    public interface Freeing {
        void free(Set<Digest> candidates) throws IOException;
    }

    /// Does something while nothing is made of what would be freed; nothing if something is.
    public interface Quiet {
        void run(Work work) throws IOException;
    }

    /// What is done then.
    public interface Work {
        void run() throws IOException;
    }

    /// @param needed manifests that images and objects of this host need
    /// @param quiet within which all removals take place
    public RepositoryCollector(
            Repositories repositories,
            Freeing freeing,
            Supplier<Set<Digest>> needed,
            Quiet quiet,
            InstantSource clock) {
        this.repositories = repositories;
        this.freeing = freeing;
        this.needed = needed;
        this.quiet = quiet;
        this.clock = clock;
    }

    /// What has been unused for longer than the maximum goes.
    void removeOld(CollectionSettings settings) throws IOException {
        Duration most = settings.maximumAge().compareTo(settings.minimumAge()) < 0
                ? settings.minimumAge()
                : settings.maximumAge();
        if (!settings.maximumAge().isZero()) {
            quiet.run(() -> removeUnused(most, "age"));
        }
    }

    /// What has been unused for longer than the minimum goes, until the file system is no fuller than the low
    /// threshold.
    void free(CollectionSettings settings, FileSystemSpace.Gauge gauge) throws IOException {
        quiet.run(() -> {
            Set<Digest> kept = needed.get();
            for (Spare spare : spares(settings.minimumAge(), kept)) {
                if (gauge.read().bytesAbove(settings.lowThresholdPercent()) <= 0) {
                    return;
                }
                remove(spare.repository(), spare.unusedSince(), kept, "space");
            }
        });
    }

    /// The repositories that [#removeAll] would take something from.
    List<String> wouldGo() throws IOException {
        return names(spares(Duration.ZERO, needed.get()));
    }

    /// All that may go, because somebody asks for it.
    ///
    /// @return the repositories that lost something
    List<String> removeAll() throws IOException {
        List<Spare> removed = new ArrayList<>();
        quiet.run(() -> removed.addAll(removeUnused(Duration.ZERO, "wish")));
        return names(removed);
    }

    /// One step for each repository, however many times something of it became unused.
    private List<Spare> removeUnused(Duration age, String reason) throws IOException {
        Set<Digest> kept = needed.get();
        List<Spare> spares = spares(age, kept);
        Map<Repository, Instant> latest = new LinkedHashMap<>();
        // The longest unused come first.
        spares.forEach(spare -> latest.put(spare.repository(), spare.unusedSince()));
        for (Map.Entry<Repository, Instant> each : latest.entrySet()) {
            remove(each.getKey(), each.getValue(), kept, reason);
        }
        return spares;
    }

    /// What all of it consists of.
    Set<Digest> parts() throws IOException {
        return unused().parts(needed.get());
    }

    private static List<String> names(List<Spare> spares) {
        return spares.stream()
                .map(spare -> spare.repository().familiar())
                .distinct()
                .sorted()
                .toList();
    }

    private UnusedContent unused() {
        return repositories.unused();
    }

    private List<Spare> spares(Duration age, Set<Digest> kept) throws IOException {
        Instant latest = clock.instant().minus(age);
        return unused().list(kept).stream()
                .filter(spare -> !spare.unusedSince().isAfter(latest))
                .toList();
    }

    private void remove(Repository repository, Instant until, Set<Digest> kept, String reason) throws IOException {
        UnusedContent.Gone gone = unused().remove(repository, until, kept);
        freeing.free(gone.freed());
        if (gone.manifests() > 0) {
            LOG.infof(
                    "unused manifests removed repository=%s count=%d reason=%s",
                    repository.familiar(), gone.manifests(), reason);
        }
    }
}
