package dev.slipway.door.distribution;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Manifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.StoredManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// What a registry shows: its own repositories, and behind them the images of this host. Safe for use by many threads.
///
/// @param host what the registry's own repositories are called by
/// @param standsInFor hosts of other registries that clients may ask for here; of no other it tells anything
record View(String host, Set<String> standsInFor, Repositories repositories, Images images, ContentStore content) {
    View {
        standsInFor = Set.copyOf(standsInFor);
    }

    /// The registry's own repository of a path: where pushes go.
    Repository own(String path) {
        return new Repository(host, path);
    }

    /// The repositories that a path may mean, the first that has something counts.
    ///
    /// @param namespace the registry that the client wants to ask; empty for this one
    List<Repository> meant(String path, String namespace) {
        if (!namespace.isEmpty() && !namespace.equals(host)) {
            return standsInFor.contains(namespace) ? List.of(new Repository(namespace, path)) : List.of();
        }
        List<Repository> meant = new ArrayList<>();
        meant.add(own(path));
        meant.add(new Repository(Repository.DOCKER_HUB, path));
        if (path.indexOf('/') < 0) {
            meant.add(new Repository(Repository.DOCKER_HUB, "library/" + path));
        }
        return meant;
    }

    /// @param target a tag or a digest
    Optional<Descriptor> manifest(List<Repository> meant, String target) throws IOException {
        Optional<Digest> digest = Digest.parse(target);
        if (digest.isEmpty() && !Reference.isTag(target)) {
            return Optional.empty();
        }
        for (Repository repository : meant) {
            Reference name = new Reference(repository, digest.isPresent() ? "" : target, digest.orElse(null));
            Optional<Descriptor> found =
                    repositories.find(name).map(StoredManifest::descriptor).or(() -> tagged(name));
            if (found.isEmpty() && digest.isPresent()) {
                found = ofImage(repository, digest.get());
            }
            if (found.isPresent() && content.contains(found.get().digest())) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Descriptor> tagged(Reference name) {
        return name.pin().isPresent() ? Optional.empty() : images.find(name).map(LocalImage::descriptor);
    }

    private Optional<Descriptor> ofImage(Repository repository, Digest digest) throws IOException {
        for (LocalImage image : named(repository)) {
            if (image.digest().equals(digest)) {
                return Optional.of(image.descriptor());
            }
            if (image.indexes().contains(digest) && content.contains(digest)) {
                byte[] bytes = content.read(digest, ManifestCodec.LARGEST_BYTES);
                Manifest index = ManifestCodec.parse(bytes, null);
                return Optional.of(new Descriptor(index.mediaType(), digest, bytes.length));
            }
        }
        return Optional.empty();
    }

    private List<LocalImage> named(Repository repository) {
        return images.list().stream()
                .filter(image -> image.names().stream()
                        .anyMatch(name -> name.repository().equals(repository)))
                .toList();
    }

    /// Whether one of the repositories has the blob, which is kept for a while from then on.
    boolean keep(List<Repository> meant, Digest blob) throws IOException {
        boolean known = meant.stream()
                .anyMatch(repository -> repositories.keep(repository, blob)
                        || named(repository).stream().anyMatch(image -> has(image, blob)));
        return known && content.contains(blob);
    }

    /// Gives the registry's own repository a right to a blob that it shows only because of an image of this host,
    /// so that a manifest which needs it can be pushed there. False if it does not show it.
    boolean adopt(String path, Digest blob) throws IOException {
        boolean shown = keep(meant(path, ""), blob);
        if (shown) {
            repositories.lease(own(path), blob);
        }
        return shown;
    }

    private static boolean has(LocalImage image, Digest blob) {
        return image.manifest().config().digest().equals(blob)
                || image.manifest().layers().stream()
                        .anyMatch(layer -> layer.digest().equals(blob));
    }

    /// Every tag of the repositories.
    SortedSet<String> tags(List<Repository> meant) {
        SortedSet<String> tags = new TreeSet<>();
        meant.forEach(repository -> {
            if (!repositories.contents(repository).mirrored()) {
                tags.addAll(repositories.contents(repository).tags().keySet());
            }
            images.list().stream()
                    .flatMap(image -> image.names().stream())
                    .filter(name -> name.repository().equals(repository))
                    .forEach(name -> tags.add(name.tag()));
        });
        return tags;
    }

    /// Whether any of the repositories exists.
    boolean exists(List<Repository> meant) {
        return meant.stream().anyMatch(repository -> repositories.list().contains(repository))
                || !tags(meant).isEmpty();
    }

    /// What the repositories hold that is about `subject`.
    List<StoredManifest> referrers(List<Repository> meant, Digest subject) {
        return meant.stream()
                .flatMap(repository -> repositories.contents(repository).referrers(subject).stream())
                .toList();
    }

    /// The paths of all repositories.
    SortedSet<String> paths() {
        SortedSet<String> paths = new TreeSet<>();
        Set<Repository> stored = repositories.list();
        stored.stream()
                .filter(repository -> !repositories.contents(repository).mirrored())
                .filter(this::isShown)
                .forEach(repository -> paths.add(shown(repository)));
        images.list().stream()
                .flatMap(image -> image.names().stream())
                .map(Reference::repository)
                .filter(this::isShown)
                .forEach(repository -> paths.add(shown(repository)));
        return paths;
    }

    private boolean isShown(Repository repository) {
        return repository.host().equals(host) || repository.host().equals(Repository.DOCKER_HUB);
    }

    private String shown(Repository repository) {
        return repository.host().equals(host) ? repository.path() : repository.familiar();
    }
}
