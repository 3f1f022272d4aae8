package dev.slipway.actor.space;

import dev.slipway.disk.FileSystemSpace;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.UnusedContent;
import dev.slipway.engine.repository.UnusedContent.Spare;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/// Removes from repositories what nobody needs of them, the longest unused first. Safe for use by many threads.
public final class RepositoryCollector {
    private static final Logger LOG = Logger.getLogger(RepositoryCollector.class);

    private final Repositories repositories;
    private final Freeing freeing;
    private final Supplier<Set<Digest>> needed;
    private final InstantSource clock;

    /// Frees those of some blobs that nobody needs.
    public interface Freeing {
        void free(Set<Digest> candidates) throws IOException;
    }

    /// @param needed manifests that images and objects of this host need
    public RepositoryCollector(
            Repositories repositories, Freeing freeing, Supplier<Set<Digest>> needed, InstantSource clock) {
        this.repositories = repositories;
        this.freeing = freeing;
        this.needed = needed;
        this.clock = clock;
    }

    /// What has been unused for longer than the maximum goes.
    void removeOld(CollectionSettings settings) throws IOException {
        Duration most = settings.maximumAge().compareTo(settings.minimumAge()) < 0
                ? settings.minimumAge()
                : settings.maximumAge();
        if (!settings.maximumAge().isZero()) {
            for (Spare spare : spares(most)) {
                remove(spare, "age");
            }
        }
    }

    /// What has been unused for longer than the minimum goes, until the file system is no fuller than the low
    /// threshold.
    void free(CollectionSettings settings, FileSystemSpace.Gauge gauge) throws IOException {
        for (Spare spare : spares(settings.minimumAge())) {
            if (gauge.read().bytesAbove(settings.lowThresholdPercent()) <= 0) {
                return;
            }
            remove(spare, "space");
        }
    }

    /// The repositories that [#removeAll] would take something from.
    List<String> wouldGo() throws IOException {
        return names(spares(Duration.ZERO));
    }

    /// All that may go, because somebody asks for it.
    ///
    /// @return the repositories that lost something
    List<String> removeAll() throws IOException {
        List<Spare> spares = spares(Duration.ZERO);
        for (Spare spare : spares) {
            remove(spare, "wish");
        }
        return names(spares);
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

    private List<Spare> spares(Duration age) throws IOException {
        Instant latest = clock.instant().minus(age);
        return unused().list(needed.get()).stream()
                .filter(spare -> !spare.unusedSince().isAfter(latest))
                .toList();
    }

    private void remove(Spare spare, String reason) throws IOException {
        UnusedContent.Gone gone = unused().remove(spare.repository(), spare.unusedSince(), needed.get());
        freeing.free(gone.freed());
        if (gone.manifests() > 0) {
            LOG.infof(
                    "unused manifests removed repository=%s count=%d reason=%s",
                    spare.repository().familiar(), gone.manifests(), reason);
        }
    }
}
