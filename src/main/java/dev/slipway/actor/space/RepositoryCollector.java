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
///
/// ```
/// plan -> [nothing is made] step -> [nothing is made] step -> ... -> enough, or something is made
/// ```
///
/// A step takes away something of each repository that it is about at once, and frees that. Between two of them pulls
/// and builds may begin, which ends it for now. What a kill in between leaves is swept up at the next start.
public final class RepositoryCollector {
    private static final Logger LOG = Logger.getLogger(RepositoryCollector.class);

    /// How many steps it takes at most to make room. A step writes a repository whole.
    private static final int MOST_STEPS = 32;

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
            removeUnused(most, "age");
        }
    }

    /// What has been unused for longer than the minimum goes, until the file system is no fuller than the low
    /// threshold.
    void free(CollectionSettings settings, FileSystemSpace.Gauge gauge) throws IOException {
        List<Spare> spares = spares(settings.minimumAge(), needed.get());
        int length = Math.ceilDiv(spares.size(), MOST_STEPS);
        for (int i = 0; i < spares.size(); i += length) {
            if (!gauge.read().isAbove(settings.lowThresholdPercent())) {
                return;
            }
            Map<Repository, Instant> step = latest(spares.subList(i, Math.min(i + length, spares.size())));
            if (!removed(step, "space")) {
                return;
            }
        }
    }

    /// The repositories that [#removeAll] would take something from.
    List<String> wouldGo() throws IOException {
        return names(spares(Duration.ZERO, needed.get()));
    }

    /// All that may go, because somebody asks for it.
    ///
    /// @return the repositories that lost something
    List<String> removeAll() throws IOException {
        return names(removeUnused(Duration.ZERO, "wish"));
    }

    /// One step for each repository, however many times something of it became unused.
    private List<Spare> removeUnused(Duration age, String reason) throws IOException {
        List<Spare> spares = spares(age, needed.get());
        List<Spare> gone = new ArrayList<>();
        for (Map.Entry<Repository, Instant> each : latest(spares).entrySet()) {
            if (!removed(Map.of(each.getKey(), each.getValue()), reason)) {
                break;
            }
            spares.stream()
                    .filter(spare -> spare.repository().equals(each.getKey()))
                    .forEach(gone::add);
        }
        return gone;
    }

    /// Until when what is unused goes, of each repository. The longest unused come first.
    private static Map<Repository, Instant> latest(List<Spare> spares) {
        Map<Repository, Instant> latest = new LinkedHashMap<>();
        spares.forEach(spare -> latest.put(spare.repository(), spare.unusedSince()));
        return latest;
    }

    /// @return false if something is made now, so that nothing went
    private boolean removed(Map<Repository, Instant> step, String reason) throws IOException {
        boolean[] done = {false};
        quiet.run(() -> {
            Set<Digest> kept = needed.get();
            for (Map.Entry<Repository, Instant> each : step.entrySet()) {
                remove(each.getKey(), each.getValue(), kept, reason);
            }
            done[0] = true;
        });
        return done[0];
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
