package dev.slipway.engine.image;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which images are present and what they are called, at one moment. A value: changes give another one.
record Catalog(Map<Digest, LocalImage> images, Map<Digest, Digest> aliases, Map<Reference, Digest> names) {
    static final Catalog EMPTY = new Catalog(Map.of(), Map.of(), Map.of());

    Catalog {
        images = Map.copyOf(images);
        aliases = Map.copyOf(aliases);
        names = Map.copyOf(names);
    }

    /// The catalog of `present`; a name that two of them claim goes to the last.
    static Catalog of(Collection<LocalImage> present) {
        Catalog catalog = EMPTY;
        for (LocalImage image : present) {
            catalog = catalog.with(image);
        }
        return catalog;
    }

    Optional<LocalImage> find(Digest digest) {
        LocalImage image = images.get(digest);
        Digest manifest = image == null ? aliases.get(digest) : null;
        return Optional.ofNullable(manifest == null ? image : images.get(manifest));
    }

    Optional<LocalImage> find(Reference reference) {
        Optional<Digest> pin = reference.pin();
        return pin.isPresent()
                ? find(pin.get())
                : Optional.ofNullable(names.get(reference)).map(images::get);
    }

    List<LocalImage> list() {
        return List.copyOf(images.values());
    }

    /// With `image` present; its names move to it, and what it was known by before stays.
    Catalog with(LocalImage image) {
        LocalImage known = images.get(image.digest());
        Set<Digest> indexes = union(image.indexes(), known == null ? Set.of() : known.indexes());
        Set<Reference> named = union(image.names(), known == null ? Set.of() : known.names());
        Map<Digest, LocalImage> changed = new LinkedHashMap<>();
        images.forEach((digest, other) -> changed.put(digest, other.withNames(minus(other.names(), image.names()))));
        // What has once come to somebody who showed nothing is no secret.
        boolean guarded = image.guarded() && (known == null || known.guarded());
        Map<Reference, Digest> pulledAs = new HashMap<>(known == null ? Map.of() : known.pulledAs());
        pulledAs.putAll(image.pulledAs());
        changed.put(
                image.digest(),
                new LocalImage(
                        image.descriptor(), image.manifest(), image.config(), indexes, named, guarded, pulledAs));
        return rebuilt(changed);
    }

    Catalog without(Digest manifest) {
        Map<Digest, LocalImage> changed = new LinkedHashMap<>(images);
        changed.remove(manifest);
        return rebuilt(changed);
    }

    Catalog withoutName(Reference name) {
        Map<Digest, LocalImage> changed = new LinkedHashMap<>();
        images.forEach((digest, image) -> changed.put(digest, image.withNames(minus(image.names(), Set.of(name)))));
        return rebuilt(changed);
    }

    /// Whether one of `sources` is guarded, or a layer of `image` is known only from guarded images.
    boolean isMadeOfGuarded(LocalImage image, Collection<LocalImage> sources) {
        return sources.stream().anyMatch(LocalImage::guarded) || hasGuardedLayer(image);
    }

    private boolean hasGuardedLayer(LocalImage image) {
        Map<Digest, Boolean> guarded = new HashMap<>();
        images.values().forEach(other -> other.manifest()
                .layers()
                .forEach(layer -> guarded.merge(layer.digest(), other.guarded(), Boolean::logicalAnd)));
        return image.manifest().layers().stream().anyMatch(layer -> guarded.getOrDefault(layer.digest(), false));
    }

    private static Catalog rebuilt(Map<Digest, LocalImage> images) {
        Map<Digest, Digest> aliases = new HashMap<>();
        Map<Reference, Digest> names = new HashMap<>();
        images.forEach((digest, image) -> {
            image.indexes().forEach(index -> aliases.put(index, digest));
            image.names().forEach(name -> names.put(name, digest));
        });
        return new Catalog(images, aliases, names);
    }

    private static <T> Set<T> union(Set<T> first, Set<T> second) {
        Set<T> all = new HashSet<>(first);
        all.addAll(second);
        return all;
    }

    private static <T> Set<T> minus(Set<T> first, Set<T> second) {
        List<T> rest = new ArrayList<>(first);
        rest.removeAll(second);
        return Set.copyOf(rest);
    }
}
