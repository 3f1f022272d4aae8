package dev.slipway.actor.space;

import dev.slipway.actor.space.SpaceReport.ImageUsage;
import dev.slipway.actor.space.SpaceReport.Usage;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.build.ImageBuilder;
import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.RepositoryContents;
import dev.slipway.engine.snapshot.SnapshotKey;
import dev.slipway.engine.snapshot.Snapshots;
import dev.slipway.engine.volume.ManagedVolumes;
import dev.slipway.engine.volume.TreeUsage;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Counts what takes space. Walks through volumes, writable layers and logs, and through each layer once in the
/// engine's life, so it takes as long as they are large; nothing waits for it but who asked.
public final class SpaceSurvey {
    private static final GroupResource IMAGES = new GroupResource(OwnGroup.GROUP, "images");
    private static final GroupResource VOLUMES = new GroupResource(OwnGroup.GROUP, "volumes");

    private final Rooms rooms;
    private final ImageCollector collector;
    private final Path root;

    /// Where things are.
    public record Rooms(
            ObjectStore objects,
            Images images,
            ContentStore content,
            Snapshots snapshots,
            Repositories repositories,
            ImageBuilder builder,
            ManagedVolumes volumes,
            ManagedVolumes volumeSnapshots) {}

    /// @param root of all that is durable
    public SpaceSurvey(Rooms rooms, ImageCollector collector, Path root) {
        this.rooms = rooms;
        this.collector = collector;
        this.root = root;
    }

    public SpaceReport report() throws IOException {
        List<LocalImage> images = rooms.images().list();
        Map<Digest, Integer> owners = new HashMap<>();
        images.forEach(image -> image.parts().forEach(part -> owners.merge(part, 1, Integer::sum)));
        List<ImageUsage> each = new ArrayList<>();
        for (LocalImage image : images) {
            each.add(usage(image, owners));
        }
        each.sort(Comparator.comparing(ImageUsage::bytes).reversed().thenComparing(ImageUsage::digest));
        List<Usage> usages = new ArrayList<>();
        usages.add(images(each, owners.keySet()));
        addContent(usages, owners.keySet());
        Set<SnapshotKey> writable = rooms.snapshots().writables();
        usages.add(new Usage("containers", writable.size(), writable.size(), written(writable), 0));
        usages.add(directory("emptyDir volumes", "volumes/.pods"));
        usages.add(logs());
        addVolumes(usages);
        usages.add(snapshots());
        usages.add(directory("objects", "objects"));
        return new SpaceReport(collector.space(), collector.settings(), usages, each);
    }

    private ImageUsage usage(LocalImage image, Map<Digest, Integer> owners) throws IOException {
        Set<Digest> unique = new HashSet<>(image.parts());
        unique.removeIf(part -> owners.getOrDefault(part, 0) > 1);
        return new ImageUsage(
                image.digest().value(),
                image.names().stream().map(Reference::familiar).sorted().toList(),
                bytes(image.parts()),
                bytes(unique),
                unusedSince(image));
    }

    /// The latest that an Image of it says; none when one is needed.
    private Optional<Instant> unusedSince(LocalImage image) {
        List<String> said = rooms.objects().list(IMAGES, "").items().stream()
                .filter(object -> object.status()
                        .path("digest")
                        .asText()
                        .equals(image.digest().value()))
                .map(object -> object.status().path("unusedSince").asText())
                .sorted()
                .toList();
        return said.isEmpty() || said.getFirst().isEmpty()
                ? Optional.empty()
                : Optional.of(Instant.parse(said.getLast()));
    }

    private Usage images(List<ImageUsage> each, Set<Digest> parts) throws IOException {
        int unused = (int)
                each.stream().filter(image -> image.unusedSince().isPresent()).count();
        return new Usage(
                "images",
                each.size(),
                each.size() - unused,
                bytes(parts),
                collector.wouldGo().freedBytes());
    }

    /// What images do not have: it is in a repository, kept for builds, or left.
    private void addContent(List<Usage> usages, Set<Digest> ofImages) throws IOException {
        Set<Digest> rest = new HashSet<>(rooms.content().list());
        rooms.snapshots().layers().forEach(layer -> rest.add(layer.digest()));
        rest.removeAll(ofImages);
        addRepositories(usages, rest);
        Set<Digest> kept = new HashSet<>(rooms.builder().kept());
        kept.retainAll(rest);
        rest.removeAll(kept);
        long notes =
                Math.max(0, walked("builds").bytes() - walked("builds/logs").bytes());
        usages.add(new Usage("build cache", kept.size(), 0, bytes(kept) + notes, bytes(kept)));
        TreeUsage partial = walked("content/ingest");
        usages.add(new Usage(
                "unfinished", rest.size() + (int) partial.files(), 0, bytes(rest) + partial.bytes(), bytes(rest)));
    }

    /// Takes what repositories need out of `rest`.
    private void addRepositories(List<Usage> usages, Set<Digest> rest) throws IOException {
        Set<Digest> unused = new HashSet<>(collector.unusedInRepositories());
        for (boolean mirrored : List.of(false, true)) {
            Set<Digest> needed = new HashSet<>();
            int count = 0;
            for (Repository repository : rooms.repositories().list()) {
                RepositoryContents contents = rooms.repositories().contents(repository);
                if (contents.mirrored() == mirrored) {
                    count++;
                    needed.addAll(contents.needs());
                }
            }
            needed.retainAll(rest);
            rest.removeAll(needed);
            long bytes = bytes(needed);
            needed.retainAll(unused);
            usages.add(new Usage(
                    mirrored ? "mirrored repositories" : "repositories",
                    count,
                    mirrored ? 0 : count,
                    bytes,
                    bytes(needed)));
        }
    }

    /// Of blobs and of layers.
    private long bytes(Collection<Digest> parts) throws IOException {
        long bytes = 0;
        for (Digest part : parts) {
            bytes += rooms.content().sizeBytes(part).orElse(0);
            bytes += rooms.snapshots().bytes(new DiffId(part));
        }
        return bytes;
    }

    private long written(Set<SnapshotKey> layers) throws IOException {
        long bytes = 0;
        for (SnapshotKey layer : layers) {
            var writable = rooms.snapshots().findWritable(layer);
            bytes += writable.isPresent() ? TreeUsage.of(writable.get().upper()).bytes() : 0;
        }
        return bytes;
    }

    private Usage logs() throws IOException {
        TreeUsage containers = walked("pods");
        TreeUsage builds = walked("builds/logs");
        int files = (int) (containers.files() + builds.files());
        return new Usage("logs", files, files, containers.bytes() + builds.bytes(), 0);
    }

    private void addVolumes(List<Usage> usages) throws IOException {
        Map<VolumeName, ApiObject> objects = new HashMap<>();
        rooms.objects()
                .list(VOLUMES, "")
                .items()
                .forEach(volume -> objects.put(VolumeName.of(volume.namespace(), volume.name()), volume));
        Counting named = new Counting();
        Counting anonymous = new Counting();
        for (VolumeName name : rooms.volumes().list()) {
            Optional<ApiObject> object = Optional.ofNullable(objects.get(name));
            long bytes = rooms.volumes().usage(name).map(TreeUsage::bytes).orElse(0L);
            boolean isAnonymous = object.filter(AnonymousVolumes::is).isPresent();
            boolean isFree = isAnonymous && AnonymousVolumes.isLeft(object.get(), rooms.objects());
            boolean isUsed = object.filter(volume -> isAnonymous
                            ? !AnonymousVolumes.isUnused(volume, rooms.objects())
                            : !volume.status().path("mountedBy").isEmpty())
                    .isPresent();
            (isAnonymous ? anonymous : named).add(bytes, isUsed, isFree);
        }
        usages.add(named.usage("volumes"));
        usages.add(anonymous.usage("anonymous volumes"));
    }

    private Usage snapshots() throws IOException {
        Counting snapshots = new Counting();
        for (VolumeName name : rooms.volumeSnapshots().list()) {
            snapshots.add(
                    rooms.volumeSnapshots().usage(name).map(TreeUsage::bytes).orElse(0L), true, false);
        }
        return snapshots.usage("volume snapshots");
    }

    private static final class Counting {
        private int count;
        private int used;
        private long bytes;
        private long free;

        void add(long more, boolean isUsed, boolean isFree) {
            count++;
            used += isUsed ? 1 : 0;
            bytes += more;
            free += isFree ? more : 0;
        }

        Usage usage(String kind) {
            return new Usage(kind, count, used, bytes, free);
        }
    }

    private Usage directory(String kind, String below) throws IOException {
        TreeUsage usage = walked(below);
        int files = (int) usage.files();
        return new Usage(kind, files, files, usage.bytes(), 0);
    }

    private TreeUsage walked(String below) throws IOException {
        return TreeUsage.of(root.resolve(below));
    }
}
