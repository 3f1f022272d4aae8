package dev.slipway.actor.space;

import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.disk.FileSystemSpace;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Frees what nobody needs, because somebody asks for it.
public final class SpacePruning {
    private static final Logger LOG = Logger.getLogger(SpacePruning.class);
    private static final GroupResource VOLUMES = new GroupResource(OwnGroup.GROUP, "volumes");
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ObjectApi objects;
    private final ImageCollector collector;
    private final Leftovers leftovers;
    private final RepositoryCollector repositories;

    public SpacePruning(
            ObjectApi objects, ImageCollector collector, Leftovers leftovers, RepositoryCollector repositories) {
        this.objects = objects;
        this.collector = collector;
        this.repositories = repositories;
        this.leftovers = leftovers;
    }

    /// What went, or would go.
    ///
    /// @param repositories those that lost manifests, or that were copies, as people write them
    /// @param volumes `<namespace>/<name>`
    /// @param freedBytes how much more of the file system can be written; zero when nothing was done
    public record Pruned(List<Removal> images, List<String> repositories, List<String> volumes, long freedBytes) {
        public Pruned {
            images = List.copyOf(images);
            repositories = List.copyOf(repositories);
            volumes = List.copyOf(volumes);
        }
    }

    /// What [#prune] would remove.
    public Pruned wouldGo(boolean withVolumes) throws IOException {
        return new Pruned(
                collector.wouldGo().removals(), repositories.wouldGo(), withVolumes ? names(unused()) : List.of(), 0);
    }

    /// Removes images that nobody needs, however young, manifests of repositories that no tag leads to, copies of
    /// other registries' repositories, what is kept for builds, what unfinished pulls and builds have left, and
    /// volumes without a name and a user. Waits for it, for up to a minute.
    ///
    /// @param withVolumes whether anonymous volumes go, too
    public Pruned prune(boolean withVolumes) throws IOException, InterruptedException {
        FileSystemSpace before = collector.space();
        List<Removal> due = collector.removeAll().removals();
        collector.awaitEnd(PATIENCE);
        List<Removal> images = collector.gone(due);
        List<String> reduced = repositories.removeAll();
        leftovers.release();
        List<String> volumes = withVolumes ? removeVolumes() : List.of();
        long freed = Math.max(0, collector.space().availableBytes() - before.availableBytes());
        LOG.infof(
                "space pruned images=%d repositories=%d volumes=%d bytes=%d",
                images.size(), reduced.size(), volumes.size(), freed);
        return new Pruned(images, reduced, volumes, freed);
    }

    private List<ApiObject> unused() {
        return objects.store().list(VOLUMES, "").items().stream()
                .filter(volume -> AnonymousVolumes.isLeft(volume, objects.store()))
                .toList();
    }

    private static List<String> names(List<ApiObject> volumes) {
        return volumes.stream()
                .map(volume -> volume.namespace() + "/" + volume.name())
                .toList();
    }

    private List<String> removeVolumes() throws IOException {
        Kind kind = objects.kinds().find(VOLUMES).orElseThrow();
        List<ApiObject> gone = new ArrayList<>();
        for (ApiObject volume : unused()) {
            if (isRemoved(kind, volume)) {
                gone.add(volume);
            }
        }
        return names(gone);
    }

    /// One that has vanished, or changed since the look, is left to whoever did that.
    private boolean isRemoved(Kind kind, ApiObject volume) throws IOException {
        Deletion unlessChanged = new Deletion(
                Optional.empty(), volume.uid(), "" + volume.resourceVersion(), Deletion.Propagation.BACKGROUND, false);
        try {
            objects.delete(kind, Kinds.key(kind, volume.namespace(), volume.name()), unlessChanged);
            return true;
        } catch (ApiException e) {
            if (e.code() == NOT_FOUND || e.code() == CONFLICT) {
                LOG.debugf("volume not pruned volume=%s/%s: %s", volume.namespace(), volume.name(), e.getMessage());
                return false;
            }
            throw new IOException("delete volume %s: %s".formatted(volume.name(), e.getMessage()), e);
        }
    }
}
