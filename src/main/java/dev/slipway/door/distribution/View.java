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
import dev.slipway.engine.repository.RepositoryContents;
import dev.slipway.engine.repository.Serving;
import dev.slipway.engine.repository.StoredManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/// What a registry shows: its own repositories, and behind them the images of this host. Safe for use by many threads.
///
/// An image that this host has under one of the registry's own names is no reason to show it, unless that is declared:
/// it may be there because it was pulled from here, and would outlive what was deleted.
///
/// @param host what the registry's own repositories are called by
/// @param aliases what else they are called by on this host itself
/// @param standsInFor hosts of other registries that clients may ask for here; of no other it tells anything
/// @param declared whether somebody has declared that an image has a name
record View(
        String host,
        Set<String> aliases,
        Set<String> standsInFor,
        Repositories repositories,
        Images images,
        ContentStore content,
        Predicate<Reference> declared) {
    View {
        aliases = Set.copyOf(aliases);
        standsInFor = Set.copyOf(standsInFor);
    }

    static View of(Serving serving, ServedRegistries.Parts parts) {
        return new View(
                serving.host(),
                Set.of("localhost:" + serving.port(), "127.0.0.1:" + serving.port()),
                serving.pullThrough(),
                parts.repositories(),
                parts.images(),
                parts.content(),
                parts.declared());
    }

    /// The registry's own repository of a path: where pushes go.
    Repository own(String path) {
        return new Repository(host, path);
    }

    /// What a path may mean.
    ///
    /// @param namespace the registry that the client wants to ask; empty for this one
    /// @param seesGuarded whether the client is shown images that came with credentials
    Meant meant(String path, String namespace, boolean seesGuarded) {
        if (!namespace.isEmpty() && !namespace.equals(host)) {
            List<Repository> other =
                    standsInFor.contains(namespace) ? List.of(new Repository(namespace, path)) : List.of();
            return new Meant(other, true, seesGuarded);
        }
        List<Repository> meant = new ArrayList<>();
        meant.add(own(path));
        aliases.stream()
                .filter(alias -> !alias.equals(host))
                .sorted()
                .forEach(alias -> meant.add(new Repository(alias, path)));
        meant.add(new Repository(Repository.DOCKER_HUB, path));
        if (path.indexOf('/') < 0) {
            meant.add(new Repository(Repository.DOCKER_HUB, "library/" + path));
        }
        return new Meant(meant, false, seesGuarded);
    }

    /// @param target a tag or a digest
    Optional<Descriptor> manifest(Meant meant, String target) throws IOException {
        Optional<Digest> digest = Digest.parse(target);
        if (digest.isEmpty() && !Reference.isTag(target)) {
            return Optional.empty();
        }
        for (Repository repository : meant.repositories()) {
            Reference name = new Reference(repository, digest.isPresent() ? "" : target, digest.orElse(null));
            Optional<Descriptor> found = stored(meant, name).or(() -> tagged(meant, name));
            if (found.isEmpty() && digest.isPresent()) {
                found = ofImage(meant, repository, digest.get());
            }
            if (found.isPresent() && content.contains(found.get().digest())) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Descriptor> stored(Meant meant, Reference name) {
        return repositories
                .find(name)
                .map(StoredManifest::descriptor)
                .filter(manifest -> isShown(meant, name.repository(), manifest.digest()));
    }

    /// What was fetched in another registry's stead is shown to those only who ask for that registry.
    private boolean isShown(Meant meant, Repository repository) {
        return meant.isMirror() || !repositories.contents(repository).mirrored();
    }

    /// The same of one manifest or blob: copies that came with credentials are shown as images that did are.
    boolean isShown(Meant meant, Repository repository, Digest part) {
        RepositoryContents contents = repositories.contents(repository);
        return isShown(meant, repository) && (meant.seesGuarded() || !contents.mirrored() || contents.isOpen(part));
    }

    private boolean isShown(Reference name) {
        return !isOwn(name.repository()) || declared.test(name);
    }

    private static boolean isShown(Meant meant, LocalImage image) {
        return meant.seesGuarded() || !image.guarded();
    }

    private Optional<Descriptor> tagged(Meant meant, Reference name) {
        return name.pin().isPresent() || !isShown(name)
                ? Optional.empty()
                : images.find(name).filter(image -> isShown(meant, image)).map(LocalImage::descriptor);
    }

    private Optional<Descriptor> ofImage(Meant meant, Repository repository, Digest digest) throws IOException {
        for (LocalImage image : named(meant, repository)) {
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

    private List<LocalImage> named(Meant meant, Repository repository) {
        return images.list().stream()
                .filter(image -> isShown(meant, image))
                .filter(image -> image.names().stream()
                        .anyMatch(name -> name.repository().equals(repository) && isShown(name)))
                .toList();
    }

    /// Whether one of the repositories has the blob; what was pushed there is kept for a while from then on.
    boolean keep(Meant meant, Digest blob) throws IOException {
        return isKnown(meant, blob, repositories::keep);
    }

    /// Whether one of the repositories has the blob now.
    boolean has(Meant meant, Digest blob) throws IOException {
        return isKnown(meant, blob, repositories::has);
    }

    private boolean isKnown(Meant meant, Digest blob, BiPredicate<Repository, Digest> stored) throws IOException {
        boolean known = meant.repositories().stream()
                .anyMatch(repository -> isShown(meant, repository, blob) && stored.test(repository, blob)
                        || named(meant, repository).stream().anyMatch(image -> image.has(blob)));
        return known && content.contains(blob);
    }

    /// Somebody asks for a manifest, and for what it needs afterwards: all of it stays meanwhile.
    ///
    /// @param isLook he may be about to push what needs it, and counts on it for longer
    void reads(Meant meant, String target, boolean isLook) throws IOException {
        Optional<Digest> digest = Digest.parse(target);
        if (digest.isEmpty() && !Reference.isTag(target)) {
            return;
        }
        for (Repository repository : meant.repositories()) {
            repositories.reads(new Reference(repository, digest.isPresent() ? "" : target, digest.orElse(null)));
            if (isLook && digest.isPresent()) {
                repositories.keep(repository, digest.get());
            }
        }
    }

    /// A blob is sent to somebody, until closed.
    Repositories.Hold send(Meant meant, Digest blob) {
        List<Repositories.Hold> holds = meant.repositories().stream()
                .map(repository -> repositories.readers().send(repository, blob))
                .toList();
        return () -> holds.forEach(Repositories.Hold::close);
    }

    /// Gives the registry's own repository a right to a blob that it shows only because of an image of this host,
    /// so that a manifest which needs it can be pushed there. False if it does not show it.
    boolean adopt(Meant meant, String path, Digest blob) throws IOException {
        boolean shown = has(meant, blob);
        if (shown && !repositories.has(own(path), blob)) {
            repositories.lease(own(path), blob);
        }
        return shown;
    }

    /// Every tag of the repositories.
    SortedSet<String> tags(Meant meant) {
        SortedSet<String> tags = new TreeSet<>();
        meant.repositories().forEach(repository -> {
            if (!repositories.contents(repository).mirrored()) {
                tags.addAll(repositories.contents(repository).tags().keySet());
            }
            named(meant, repository).stream()
                    .flatMap(image -> image.names().stream())
                    .filter(name -> name.repository().equals(repository) && isShown(name))
                    .forEach(name -> tags.add(name.tag()));
        });
        return tags;
    }

    /// Whether any of the repositories exists.
    boolean exists(Meant meant) {
        return meant.repositories().stream()
                        .anyMatch(repository -> isShown(meant, repository)
                                && repositories.list().contains(repository))
                || !tags(meant).isEmpty();
    }

    /// What the repositories hold that is about `subject`.
    List<StoredManifest> referrers(Meant meant, Digest subject) {
        return meant.repositories().stream()
                .flatMap(repository -> repositories.contents(repository).referrers(subject).stream()
                        .filter(manifest -> isShown(meant, repository, manifest.digest())))
                .toList();
    }

    /// The paths of all repositories.
    ///
    /// @param seesGuarded in which of them images that came with credentials are shown
    SortedSet<String> paths(Predicate<String> seesGuarded) {
        SortedSet<String> paths = new TreeSet<>();
        Set<Repository> stored = repositories.list();
        stored.stream()
                .filter(repository -> !repositories.contents(repository).mirrored())
                .filter(this::isListed)
                .forEach(repository -> paths.add(shown(repository)));
        for (LocalImage image : images.list()) {
            image.names().stream()
                    .filter(name -> isListed(name.repository()) && isShown(name))
                    .map(name -> shown(name.repository()))
                    .filter(path -> !image.guarded() || seesGuarded.test(path))
                    .forEach(paths::add);
        }
        return paths;
    }

    private boolean isOwn(Repository repository) {
        return repository.host().equals(host) || aliases.contains(repository.host());
    }

    private boolean isListed(Repository repository) {
        return isOwn(repository) || repository.host().equals(Repository.DOCKER_HUB);
    }

    private String shown(Repository repository) {
        return isOwn(repository) ? repository.path() : repository.familiar();
    }
}
