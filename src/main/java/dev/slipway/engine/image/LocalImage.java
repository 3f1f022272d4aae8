package dev.slipway.engine.image;

import dev.slipway.engine.oci.ChainId;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// An image that is on this host whole, ready to run: every blob verified, every layer unpacked.
///
/// @param descriptor points at the manifest for this host's platform
/// @param indexes digests of the indexes that it was chosen from: it is found under these too
/// @param names every name that points at it now: with tag, without digest
/// @param guarded it, or an image that it was made from, came from a registry that wanted credentials for it
/// @param pulledAs what a registry had under a name, for those of the names that it was pulled by: one of the indexes,
///     or the manifest itself
/// @param givenBy the repositories that gave it, for a guarded one
public record LocalImage(
        Descriptor descriptor,
        ImageManifest manifest,
        ImageConfig config,
        Set<Digest> indexes,
        Set<Reference> names,
        boolean guarded,
        Map<Reference, Digest> pulledAs,
        Set<Repository> givenBy) {
    /// One that anybody may have.
    public LocalImage(
            Descriptor descriptor,
            ImageManifest manifest,
            ImageConfig config,
            Set<Digest> indexes,
            Set<Reference> names) {
        this(descriptor, manifest, config, indexes, names, false, Map.of(), Set.of());
    }

    public LocalImage {
        indexes = Set.copyOf(indexes);
        names = Set.copyOf(names);
        pulledAs = Map.copyOf(pulledAs);
        givenBy = Set.copyOf(givenBy);
        if (names.stream().anyMatch(name -> name.pin().isPresent())) {
            throw new IllegalArgumentException("a name has a tag and no digest: " + names);
        }
    }

    /// What identifies it: the digest of its manifest.
    public Digest digest() {
        return descriptor.digest();
    }

    /// What it is found under: the digests of its indexes, and [#digest] as the last.
    public List<Digest> digests() {
        List<Digest> all = new ArrayList<>(indexes);
        all.add(digest());
        return all;
    }

    /// Its layers, bottom first.
    public List<DiffId> layers() {
        return config.diffIds();
    }

    /// What a registry had under `name` when the image was pulled by it; empty where it was not.
    public Optional<Digest> pulledAs(Reference name) {
        return Optional.ofNullable(pulledAs.get(name));
    }

    /// Whether a pull of `name` would change nothing where a registry has `now` under it. One that was pulled as
    /// another index is of both afterwards, and of the later by that name. Where it is of several, and nobody has
    /// noted which of them the name had, a pull tells.
    boolean isAlready(Reference name, Digest now) {
        return pulledAs(name)
                .map(now::equals)
                .orElseGet(() -> indexes.size() < 2 && digests().contains(now));
    }

    /// Bytes of its layers as they travelled.
    public long packedBytes() {
        return manifest.packedBytes();
    }

    /// Whether one of its blobs has the digest.
    public boolean has(Digest blob) {
        return manifest.config().digest().equals(blob)
                || manifest.layers().stream().anyMatch(layer -> layer.digest().equals(blob));
    }

    LocalImage asGuarded() {
        return new LocalImage(descriptor, manifest, config, indexes, names, true, pulledAs, givenBy);
    }

    /// Every digest that it is made of: of blobs and of layers, and those of [#joints], most of which nothing has.
    public Set<Digest> parts() {
        Set<Digest> parts = new HashSet<>(indexes);
        parts.add(digest());
        parts.add(manifest.config().digest());
        manifest.layers().forEach(layer -> parts.add(layer.digest()));
        parts.addAll(trees());
        return parts;
    }

    /// Those of [#parts] that are layers, or join them.
    Set<Digest> trees() {
        Set<Digest> trees = joints(layers());
        layers().forEach(layer -> trees.add(layer.digest()));
        return trees;
    }

    /// Under which digests what joins layers with those below them is kept, for those that need it: the chain IDs
    /// of all beginnings of `layers`, which are given bottom first.
    public static Set<Digest> joints(List<DiffId> layers) {
        Set<Digest> joints = new HashSet<>();
        if (!layers.isEmpty()) {
            ChainId chain = new ChainId(layers.getFirst().digest());
            for (DiffId layer : layers.subList(1, layers.size())) {
                chain = chain.then(layer);
                joints.add(chain.digest());
            }
        }
        return joints;
    }

    LocalImage withNames(Set<Reference> changed) {
        Map<Reference, Digest> kept = new HashMap<>(pulledAs);
        kept.keySet().retainAll(changed);
        return new LocalImage(descriptor, manifest, config, indexes, changed, guarded, kept, givenBy);
    }
}
