package dev.slipway.engine.image;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Which images are present and what they are called, at one moment. A value: changes give another one.
///
/// @param lost images that are not present any more, and that containers may run from; no name is also one of
///     `names`
record Catalog(
        Map<Digest, LocalImage> images,
        Map<Digest, Digest> aliases,
        Map<Reference, Digest> names,
        Map<Digest, CatalogCodec.Entry> lost) {
    static final Catalog EMPTY = new Catalog(Map.of(), Map.of(), Map.of(), Map.of());

    Catalog {
        images = Map.copyOf(images);
        aliases = Map.copyOf(aliases);
        names = Map.copyOf(names);
        lost = Map.copyOf(lost);
    }

    /// The catalog of `present`; a name that two of them claim goes to the last.
    static Catalog of(Collection<LocalImage> present, Collection<CatalogCodec.Entry> lost) {
        Map<Digest, CatalogCodec.Entry> missed = new HashMap<>();
        lost.forEach(entry -> missed.put(entry.manifest().digest(), entry));
        Catalog catalog = rebuilt(Map.of(), missed);
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
        CatalogCodec.Entry known = entry(image.digest());
        Set<Digest> indexes = union(image.indexes(), known == null ? Set.of() : known.indexes());
        Set<Reference> named = union(image.names(), known == null ? Set.of() : known.names());
        Map<Digest, LocalImage> changed = new LinkedHashMap<>();
        images.forEach((digest, other) -> changed.put(digest, other.withNames(minus(other.names(), image.names()))));
        // What has once come to somebody who showed nothing is no secret.
        boolean guarded = image.guarded() && (known == null || known.guarded());
        Map<Reference, Digest> pulledAs = new HashMap<>(known == null ? Map.of() : known.pulledAs());
        pulledAs.putAll(image.pulledAs());
        Set<Repository> givenBy = union(image.givenBy(), known == null ? Set.of() : known.givenBy());
        changed.put(
                image.digest(),
                new LocalImage(
                        image.descriptor(),
                        image.manifest(),
                        image.config(),
                        indexes,
                        named,
                        guarded,
                        pulledAs,
                        givenBy));
        Map<Digest, CatalogCodec.Entry> stillLost = lostWithout(image.names());
        stillLost.remove(image.digest());
        return rebuilt(changed, stillLost);
    }

    private CatalogCodec.@Nullable Entry entry(Digest manifest) {
        LocalImage image = images.get(manifest);
        return image == null ? lost.get(manifest) : CatalogCodec.Entry.of(image);
    }

    private Map<Digest, CatalogCodec.Entry> lostWithout(Set<Reference> others) {
        Map<Digest, CatalogCodec.Entry> changed = new HashMap<>();
        lost.forEach((digest, entry) -> changed.put(digest, entry.without(others)));
        return changed;
    }

    Catalog without(Digest manifest) {
        Map<Digest, LocalImage> changed = new LinkedHashMap<>(images);
        changed.remove(manifest);
        return rebuilt(changed, lost);
    }

    /// Without an image that was present; it is not forgotten.
    Catalog losing(Digest manifest) {
        Map<Digest, CatalogCodec.Entry> more = new HashMap<>(lost);
        LocalImage image = images.get(manifest);
        if (image != null) {
            more.put(manifest, CatalogCodec.Entry.of(image));
        }
        return rebuilt(without(manifest).images, more);
    }

    /// Without lost images but for those that are needed.
    Catalog forgetting(Predicate<CatalogCodec.Entry> needed) {
        Map<Digest, CatalogCodec.Entry> kept = new HashMap<>(lost);
        kept.values().removeIf(needed.negate());
        return rebuilt(images, kept);
    }

    Catalog withoutName(Reference name) {
        Map<Digest, LocalImage> changed = new LinkedHashMap<>();
        images.forEach((digest, image) -> changed.put(digest, image.withNames(minus(image.names(), Set.of(name)))));
        return rebuilt(changed, lostWithout(Set.of(name)));
    }

    /// Whether an image of `repository` may have a blob that is here without asking for it there: it came from there,
    /// or is no secret.
    ///
    /// @param image has the blob, whether it is present or not
    boolean isFree(Digest blob, Digest image, Repository repository) {
        CatalogCodec.Entry missed = lost.get(image);
        return missed != null && (!missed.guarded() || missed.givenBy().contains(repository))
                || images.values().stream()
                        .filter(each -> !each.guarded() || each.givenBy().contains(repository))
                        .anyMatch(each -> each.has(blob));
    }

    /// Whether an image shows that the blob, unpacked, is the layer.
    boolean isPacked(DiffId layer, Digest blob) {
        return images.values().stream().anyMatch(image -> {
            List<Descriptor> blobs = image.manifest().layers();
            return IntStream.range(0, blobs.size())
                    .anyMatch(i -> blobs.get(i).digest().equals(blob)
                            && image.layers().get(i).equals(layer));
        });
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

    private static Catalog rebuilt(Map<Digest, LocalImage> images, Map<Digest, CatalogCodec.Entry> lost) {
        Map<Digest, Digest> aliases = new HashMap<>();
        Map<Reference, Digest> names = new HashMap<>();
        images.forEach((digest, image) -> {
            image.indexes().forEach(index -> aliases.put(index, digest));
            image.names().forEach(name -> names.put(name, digest));
        });
        return new Catalog(images, aliases, names, lost);
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
