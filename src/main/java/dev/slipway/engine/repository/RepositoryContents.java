package dev.slipway.engine.repository;

import dev.slipway.engine.oci.Digest;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What one repository holds at one moment. A value: changes give another one.
///
/// @param tags each points at one of the manifests
/// @param mirrored it is a copy of another registry's, which says where its tags point
public record RepositoryContents(
        Map<Digest, StoredManifest> manifests, SortedMap<String, Digest> tags, boolean mirrored) {
    static final RepositoryContents EMPTY = new RepositoryContents(Map.of(), new TreeMap<>(), false);

    public RepositoryContents {
        manifests = Map.copyOf(manifests);
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
        if (!manifests.keySet().containsAll(tags.values())) {
            throw new IllegalArgumentException("a tag points at a manifest that is not there");
        }
    }

    /// The manifest of a tag.
    public Optional<StoredManifest> tagged(String tag) {
        return Optional.ofNullable(tags.get(tag)).map(manifests::get);
    }

    /// Manifests that are about `subject`, in a lasting order.
    public List<StoredManifest> referrers(Digest subject) {
        return manifests.values().stream()
                .filter(manifest -> subject.equals(manifest.subject()))
                .sorted((one, other) -> one.digest().compareTo(other.digest()))
                .toList();
    }

    /// Every digest that the repository's manifests are and need.
    public Set<Digest> needs() {
        Set<Digest> needs = new HashSet<>(manifests.keySet());
        manifests.values().forEach(manifest -> needs.addAll(manifest.blobs()));
        return needs;
    }

    /// Whether a manifest or blob may be shown to everybody: one that came without credentials is it, or needs it.
    public boolean isOpen(Digest part) {
        return manifests.values().stream()
                .filter(manifest -> !manifest.guarded())
                .anyMatch(manifest ->
                        manifest.digest().equals(part) || manifest.blobs().contains(part));
    }

    boolean isEmpty() {
        return manifests.isEmpty();
    }

    RepositoryContents with(StoredManifest manifest, Collection<String> names) {
        Map<Digest, StoredManifest> more = new LinkedHashMap<>(manifests);
        // What has once come to somebody who showed nothing is no secret.
        more.merge(manifest.digest(), manifest, (before, next) -> next.guarded() ? before : next);
        SortedMap<String, Digest> moved = new TreeMap<>(tags);
        names.forEach(name -> moved.put(name, manifest.digest()));
        return new RepositoryContents(more, moved, mirrored);
    }

    /// Without a manifest, and without the tags that point at it.
    RepositoryContents without(Digest manifest) {
        Map<Digest, StoredManifest> fewer = new LinkedHashMap<>(manifests);
        fewer.remove(manifest);
        SortedMap<String, Digest> left = new TreeMap<>(tags);
        left.values().removeIf(manifest::equals);
        return new RepositoryContents(fewer, left, mirrored);
    }

    RepositoryContents withoutTag(String tag) {
        SortedMap<String, Digest> left = new TreeMap<>(tags);
        left.remove(tag);
        return new RepositoryContents(manifests, left, mirrored);
    }

    RepositoryContents asMirror() {
        return new RepositoryContents(manifests, tags, true);
    }

    /// Only what a tag leads to, directly or by an index, and `spared`.
    RepositoryContents tagged(Digest spared) {
        Set<Digest> reached = new HashSet<>();
        tags.values().forEach(digest -> reach(digest, reached));
        reach(spared, reached);
        Map<Digest, StoredManifest> kept = new LinkedHashMap<>(manifests);
        kept.keySet().retainAll(reached);
        return new RepositoryContents(kept, tags, mirrored);
    }

    private void reach(Digest digest, Set<Digest> reached) {
        StoredManifest manifest = manifests.get(digest);
        if (manifest != null && reached.add(digest)) {
            manifest.manifests().forEach(child -> reach(child, reached));
        }
    }
}
