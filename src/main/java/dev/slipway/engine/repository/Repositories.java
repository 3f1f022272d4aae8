package dev.slipway.engine.repository;

import dev.slipway.disk.AtomicFile;
import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// The repositories of this host, on its disk.
///
/// Life: a blob is stored and [#lease]d -> [#put] makes a manifest that needs it, and a tag, visible -> [#find] answers
/// by tag or digest -> [#remove] and [#untag] take them away, and what was claimed by nobody else may be freed.
///
/// Safe for use by many threads: readers see immutable values, one lock orders changes and claims.
public final class Repositories {
    private static final Logger LOG = Logger.getLogger(Repositories.class);
    private static final String FILE = "_repository.json";

    /// How long a blob waits for the manifest that needs it.
    private static final Duration LEASE = Duration.ofHours(1);

    private final Path root;
    private final ContentStore content;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Leases leases = new Leases();
    private final List<Consumer<Reference>> listeners = new CopyOnWriteArrayList<>();
    private final Map<Digest, Integer> needed = new HashMap<>();
    private final Map<Digest, Integer> held = new HashMap<>();
    private volatile Map<Repository, RepositoryContents> all = Map.of();
    private volatile boolean complete = true;

    /// @param root a directory for it alone
    public Repositories(Path root, ContentStore content, InstantSource clock) {
        this.root = root;
        this.content = content;
        this.clock = clock;
    }

    /// Reads what is there. A repository that cannot be read stays on the disk and is not served; because nobody
    /// knows what it needs, nothing is freed then.
    public void start() throws IOException {
        Files.createDirectories(
                root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(each -> each.endsWith(FILE)).toList()) {
                read(file);
            }
        }
    }

    private void read(Path file) throws IOException {
        Path name = root.relativize(file.getParent());
        try {
            Repository repository = new Repository(
                    name.getName(0).toString(),
                    name.subpath(1, name.getNameCount()).toString());
            replace(repository, RepositoryCodec.read(Files.readAllBytes(file)));
        } catch (IOException | IllegalArgumentException e) {
            complete = false;
            LOG.errorf("repository cannot be read file=%s reason=\"%s\"", file, e.getMessage());
        }
    }

    /// Has `listener` told of each tag that was put or taken away, after it was, on the thread that did it.
    public void listen(Consumer<Reference> listener) {
        listeners.add(listener);
    }

    /// What a repository holds now; nothing for one that does not exist.
    public RepositoryContents contents(Repository repository) {
        return all.getOrDefault(repository, RepositoryContents.EMPTY);
    }

    /// Every repository that holds something.
    public Set<Repository> list() {
        return all.keySet();
    }

    /// How much there is.
    ///
    /// @param bytes of manifests and blobs, each counted once
    public record Statistics(int repositories, int tags, long bytes) {}

    /// How much the repositories of one host hold.
    public Statistics count(String host) {
        return count((repository, contents) -> repository.host().equals(host));
    }

    /// How much the copies of other registries' repositories hold.
    public Statistics countMirrored() {
        return count((repository, contents) -> contents.mirrored());
    }

    private Statistics count(BiPredicate<Repository, RepositoryContents> counts) {
        int tags = 0;
        int count = 0;
        Set<Digest> parts = new HashSet<>();
        for (Map.Entry<Repository, RepositoryContents> each : all.entrySet()) {
            if (counts.test(each.getKey(), each.getValue())) {
                count++;
                tags += each.getValue().tags().size();
                parts.addAll(each.getValue().needs());
            }
        }
        long bytes = 0;
        for (Digest part : parts) {
            try {
                bytes += content.sizeBytes(part).orElse(0);
            } catch (IOException e) {
                LOG.warnf("size of blob not found digest=%s reason=\"%s\"", part, e.getMessage());
            }
        }
        return new Statistics(count, tags, bytes);
    }

    /// What a name with tag or digest points at. Where a tag of a mirrored repository points is not known here.
    public Optional<StoredManifest> find(Reference reference) {
        RepositoryContents contents = contents(reference.repository());
        if (reference.pin().isPresent()) {
            return Optional.ofNullable(contents.manifests().get(reference.pin().get()));
        }
        return contents.mirrored() ? Optional.empty() : contents.tagged(reference.tag());
    }

    /// Whether the repository may hand the blob out: one of its manifests needs it, or it was leased to it.
    public boolean has(Repository repository, Digest blob) {
        lock.lock();
        try {
            return leases.isHeld(repository, blob)
                    || contents(repository).needs().contains(blob);
        } finally {
            lock.unlock();
        }
    }

    /// Promises to keep a blob for the repository, whether it is here already or about to come.
    public void lease(Repository repository, Digest blob) {
        lock.lock();
        try {
            leases.grant(repository, blob, clock.instant().plus(LEASE));
        } finally {
            lock.unlock();
        }
    }

    /// Ends a lease early; false if one of the repository's manifests needs the blob.
    public boolean release(Repository repository, Digest blob) {
        lock.lock();
        try {
            if (contents(repository).needs().contains(blob)) {
                return false;
            }
            leases.end(repository, blob);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Prolongs the repository's right to a blob that it has; false if it does not have it.
    public boolean keep(Repository repository, Digest blob) {
        lock.lock();
        try {
            boolean has = has(repository, blob);
            if (has) {
                lease(repository, blob);
            }
            return has;
        } finally {
            lock.unlock();
        }
    }

    /// Keeps a blob that is on its way from being freed until closed; gives no repository a right to it.
    public Hold hold(Digest blob) {
        lock.lock();
        try {
            held.merge(blob, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
        return () -> {
            lock.lock();
            try {
                held.computeIfPresent(blob, (same, count) -> count == 1 ? null : count - 1);
            } finally {
                lock.unlock();
            }
        };
    }

    /// Closed once, by whoever began it.
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /// Stores a manifest, and points each of `tags` at it. Its parts must be here and leased to the repository, or
    /// held by it.
    ///
    /// @throws IncompleteManifestException when a part is missing
    public void put(Repository repository, StoredManifest manifest, byte[] bytes, Set<String> tags) throws IOException {
        try (Hold _ = hold(manifest.digest())) {
            content.put(manifest.descriptor(), bytes);
            // Looked at and claimed under one lock, so that nobody removes a part in between.
            lock.lock();
            try {
                requireParts(repository, manifest);
                save(repository, contents(repository).with(manifest, tags));
            } finally {
                lock.unlock();
            }
        }
        tags.forEach(tag -> tell(repository, tag));
    }

    private void requireParts(Repository repository, StoredManifest manifest) throws IOException {
        for (Digest blob : manifest.blobs()) {
            require(keep(repository, blob) && content.contains(blob), blob);
        }
        for (Digest child : manifest.manifests()) {
            require(contents(repository).manifests().containsKey(child), child);
        }
    }

    /// As [#put], for a copy of another registry's manifest, whose parts are had from there when somebody asks.
    /// What no tag leads to any more is forgotten.
    ///
    /// @return what may be freed unless it is claimed
    public Set<Digest> mirror(Repository repository, StoredManifest manifest, byte[] bytes, Optional<String> tag)
            throws IOException {
        try (Hold _ = hold(manifest.digest())) {
            content.put(manifest.descriptor(), bytes);
            lock.lock();
            try {
                RepositoryContents before = contents(repository);
                RepositoryContents after =
                        before.with(manifest, tag.stream().toList()).asMirror();
                RepositoryContents next = tag.isEmpty() ? after : after.tagged(manifest.digest());
                save(repository, next);
                Set<Digest> freed = before.needs();
                freed.removeAll(next.needs());
                return freed;
            } finally {
                lock.unlock();
            }
        }
    }

    /// Forgets a copy of another registry's repository.
    ///
    /// @return what may be freed unless it is claimed
    public Set<Digest> forget(Repository repository) throws IOException {
        lock.lock();
        try {
            RepositoryContents contents = contents(repository);
            if (!contents.mirrored()) {
                return Set.of();
            }
            save(repository, RepositoryContents.EMPTY);
            contents.needs().forEach(each -> leases.end(repository, each));
            return contents.needs();
        } finally {
            lock.unlock();
        }
    }

    private static void require(boolean holds, Digest part) throws IncompleteManifestException {
        if (!holds) {
            throw new IncompleteManifestException(part);
        }
    }

    /// Takes a tag away; the manifest stays. False if there was no such tag.
    public boolean untag(Repository repository, String tag) throws IOException {
        lock.lock();
        try {
            RepositoryContents now = contents(repository);
            if (!now.tags().containsKey(tag)) {
                return false;
            }
            save(repository, now.withoutTag(tag));
        } finally {
            lock.unlock();
        }
        tell(repository, tag);
        return true;
    }

    /// Takes a manifest away with the tags that point at it. Leases stay: who pushes another manifest to the
    /// repository may have been told that a blob of this one is there.
    ///
    /// @return what it was and needed, which may be freed unless it is claimed; empty if it was not there
    public Set<Digest> remove(Repository repository, Digest digest) throws IOException {
        Set<Digest> freed = new HashSet<>();
        List<String> untagged;
        lock.lock();
        try {
            RepositoryContents now = contents(repository);
            StoredManifest manifest = now.manifests().get(digest);
            if (manifest == null) {
                return Set.of();
            }
            untagged = now.tags().entrySet().stream()
                    .filter(tag -> tag.getValue().equals(digest))
                    .map(Map.Entry::getKey)
                    .toList();
            save(repository, now.without(digest));
            freed.add(digest);
            freed.addAll(manifest.blobs());
        } finally {
            lock.unlock();
        }
        untagged.forEach(tag -> tell(repository, tag));
        return freed;
    }

    /// Ends leases that are over.
    ///
    /// @return their blobs, which may be freed unless they are claimed
    public Set<Digest> expire() {
        lock.lock();
        try {
            return leases.expire(clock.instant());
        } finally {
            lock.unlock();
        }
    }

    /// What is done to a blob that nobody claims.
    public interface Removal {
        void run() throws IOException;
    }

    /// Does `removal` unless the blob is claimed; nobody can claim it meanwhile.
    public void unlessClaimed(Digest blob, Removal removal) throws IOException {
        lock.lock();
        try {
            if (complete && !needed.containsKey(blob) && !held.containsKey(blob) && !leases.isHeld(blob)) {
                removal.run();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Called with the lock held.
    private void save(Repository repository, RepositoryContents next) throws IOException {
        Path directory = root.resolve(repository.host()).resolve(repository.path());
        if (next.isEmpty()) {
            Files.deleteIfExists(directory.resolve(FILE));
        } else {
            Files.createDirectories(directory);
            AtomicFile.write(directory.resolve(FILE), RepositoryCodec.write(next));
        }
        replace(repository, next);
    }

    private void replace(Repository repository, RepositoryContents next) {
        count(contents(repository).needs(), -1);
        count(next.needs(), 1);
        Map<Repository, RepositoryContents> changed = new HashMap<>(all);
        if (next.isEmpty()) {
            changed.remove(repository);
        } else {
            changed.put(repository, next);
        }
        all = Map.copyOf(changed);
    }

    private void count(Collection<Digest> digests, int change) {
        digests.forEach(digest -> needed.merge(digest, change, (one, other) -> one + other == 0 ? null : one + other));
    }

    private void tell(Repository repository, String tag) {
        Reference name = new Reference(repository, tag, null);
        listeners.forEach(listener -> listener.accept(name));
    }
}
