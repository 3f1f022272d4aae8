package dev.slipway.engine.repository;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
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
/// @param pushers who has pushed which tag last, where that is known
/// @param unused the manifests that no tag leads to, and since when nobody has asked for them
public record RepositoryContents(
        Map<Digest, StoredManifest> manifests,
        SortedMap<String, Digest> tags,
        SortedMap<String, String> pushers,
        boolean mirrored,
        Map<Digest, Instant> unused) {
    static final RepositoryContents EMPTY =
            new RepositoryContents(Map.of(), new TreeMap<>(), new TreeMap<>(), false, Map.of());

    public RepositoryContents {
        manifests = Map.copyOf(manifests);
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
        SortedMap<String, String> known = new TreeMap<>(pushers);
        known.keySet().retainAll(tags.keySet());
        pushers = Collections.unmodifiableSortedMap(known);
        unused = Map.copyOf(unused);
        if (!manifests.keySet().containsAll(tags.values())) {
            throw new IllegalArgumentException("a tag points at a manifest that is not there");
        }
    }

    /// What a manifest is called from now on.
    ///
    /// @param by who says so; empty where nobody has shown who he is
    public record Naming(Set<String> tags, String by) {
        /// No name.
        public static final Naming NONE = new Naming(Set.of(), "");

        public Naming {
            tags = Set.copyOf(tags);
        }

        static Naming of(Optional<String> tag) {
            return new Naming(Set.copyOf(tag.stream().toList()), "");
        }
    }

    /// The manifest of a tag.
    public Optional<StoredManifest> tagged(String tag) {
        return Optional.ofNullable(tags.get(tag)).map(manifests::get);
    }

    /// What a name with a digest or a tag points at.
    Optional<StoredManifest> named(Reference name) {
        return name.pin().isPresent()
                ? Optional.ofNullable(manifests.get(name.pin().get()))
                : tagged(name.tag());
    }

    /// An index cannot be without what it lists.
    void requireManifests(StoredManifest index) throws IncompleteManifestException {
        for (Digest child : index.manifests()) {
            if (!manifests.containsKey(child)) {
                throw new IncompleteManifestException(child);
            }
        }
    }

    /// Whether no tag leads to a manifest, and nobody has asked for it since `limit`.
    boolean isUnusedBefore(Digest manifest, Instant limit) {
        Instant since = unused.get(manifest);
        return since != null && since.isBefore(limit);
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

    RepositoryContents with(StoredManifest manifest, Naming naming) {
        Map<Digest, StoredManifest> more = new LinkedHashMap<>(manifests);
        // What has once come to somebody who showed nothing is no secret.
        more.merge(manifest.digest(), manifest, (before, next) -> next.guarded() ? before : next);
        SortedMap<String, Digest> moved = new TreeMap<>(tags);
        SortedMap<String, String> by = new TreeMap<>(pushers);
        for (String tag : naming.tags()) {
            moved.put(tag, manifest.digest());
            by.remove(tag);
            if (!naming.by().isEmpty()) {
                by.put(tag, naming.by());
            }
        }
        return new RepositoryContents(more, moved, by, mirrored, unused);
    }

    /// Without a manifest, and without the tags that point at it.
    RepositoryContents without(Digest manifest) {
        Map<Digest, StoredManifest> fewer = new LinkedHashMap<>(manifests);
        fewer.remove(manifest);
        SortedMap<String, Digest> left = new TreeMap<>(tags);
        left.values().removeIf(manifest::equals);
        return new RepositoryContents(fewer, left, pushers, mirrored, unused);
    }

    RepositoryContents withoutTag(String tag) {
        SortedMap<String, Digest> left = new TreeMap<>(tags);
        left.remove(tag);
        return new RepositoryContents(manifests, left, pushers, mirrored, unused);
    }

    RepositoryContents asMirror() {
        return new RepositoryContents(manifests, tags, pushers, true, Map.of());
    }

    /// Only what a tag leads to, and `spared`.
    RepositoryContents tagged(Digest spared) {
        return only(reached(Set.of(spared)));
    }

    /// Without what neither a tag nor one of `kept` leads to.
    RepositoryContents reduced(Collection<Digest> kept) {
        return only(reached(kept));
    }

    private RepositoryContents only(Set<Digest> kept) {
        Map<Digest, StoredManifest> left = new LinkedHashMap<>(manifests);
        left.keySet().retainAll(kept);
        return new RepositoryContents(left, tags, pushers, mirrored, unused);
    }

    /// With the time from which on what no tag leads to is unused: `now`, unless it was so before.
    RepositoryContents aged(Instant now) {
        Map<Digest, Instant> since = new HashMap<>();
        if (!mirrored) {
            Set<Digest> reached = reached(Set.of());
            manifests.keySet().stream()
                    .filter(digest -> !reached.contains(digest))
                    .forEach(digest -> since.put(digest, unused.getOrDefault(digest, now)));
        }
        return new RepositoryContents(manifests, tags, pushers, mirrored, since);
    }

    /// With a manifest that somebody has asked for.
    RepositoryContents used(Digest manifest, Instant now) {
        Map<Digest, Instant> since = new HashMap<>(unused);
        since.replace(manifest, now);
        return new RepositoryContents(manifests, tags, pushers, mirrored, since);
    }

    /// What tags and `also` lead to: an index leads to what it lists, and a manifest to those that are about it.
    private Set<Digest> reached(Collection<Digest> also) {
        Map<Digest, List<Digest>> about = new HashMap<>();
        manifests.values().forEach(manifest -> manifest.about()
                .ifPresent(subject -> about.computeIfAbsent(subject, each -> new ArrayList<>())
                        .add(manifest.digest())));
        Deque<Digest> next = new ArrayDeque<>(tags.values());
        next.addAll(also);
        Set<Digest> reached = new HashSet<>();
        while (!next.isEmpty()) {
            StoredManifest manifest = manifests.get(next.remove());
            if (manifest != null && reached.add(manifest.digest())) {
                next.addAll(manifest.manifests());
                next.addAll(about.getOrDefault(manifest.digest(), List.of()));
            }
        }
        return reached;
    }
}
