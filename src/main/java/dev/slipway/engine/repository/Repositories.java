package dev.slipway.engine.repository;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.RepositoryContents.Naming;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// The repositories of this host, on its disk.
///
/// Life: a blob is stored and [#lease]d -> [#put] makes a manifest that needs it, and a tag, visible -> [#find] answers
/// by tag or digest -> [#remove] and [#untag] take them away, [#collect] what no tag leads to any more, and what was
/// claimed by nobody else may be freed.
///
/// Safe for use by many threads: readers see immutable values, one lock orders changes and claims.
public final class Repositories {
    private static final Logger LOG = Logger.getLogger(Repositories.class);

    private final RepositoryFiles files;
    private final ContentStore content;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Leases leases;
    private final List<Consumer<Reference>> listeners = new CopyOnWriteArrayList<>();
    private final Claims claims = new Claims();
    private final Readers readers;
    private volatile Map<Repository, RepositoryContents> all = Map.of();
    private volatile boolean complete = true;

    /// @param root a directory for it alone
    /// @param clock the wall clock, for what is written down
    /// @param steady a clock that nobody sets, for what is promised for a while
    public Repositories(Path root, ContentStore content, InstantSource clock, InstantSource steady) {
        this.files = new RepositoryFiles(root);
        this.content = content;
        this.clock = clock;
        this.leases = new Leases(steady);
        this.readers = new Readers(steady);
    }

    /// Reads what is there. A repository that cannot be read stays on the disk and is not served; because nobody
    /// knows what it needs, nothing is freed then.
    public void start() throws IOException {
        lock.lock();
        try {
            RepositoryFiles.Found found = files.read();
            complete = found.complete();
            for (Map.Entry<Repository, RepositoryContents> each : found.all().entrySet()) {
                replace(each.getKey(), each.getValue());
                if (!each.getValue().aged(clock.instant()).equals(each.getValue())) {
                    save(each.getKey(), each.getValue());
                }
            }
        } finally {
            lock.unlock();
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

    /// How much the repositories of one host hold.
    public RepositoryStatistics count(String host) {
        return RepositoryStatistics.of(
                all, content, (repository, contents) -> repository.host().equals(host));
    }

    /// How much the copies of other registries' repositories hold.
    public RepositoryStatistics countMirrored() {
        return RepositoryStatistics.of(all, content, (repository, contents) -> contents.mirrored());
    }

    /// What a name with tag or digest points at. Where a tag of a mirrored repository points is not known here.
    public Optional<StoredManifest> find(Reference reference) {
        RepositoryContents contents = contents(reference.repository());
        return reference.pin().isEmpty() && contents.mirrored() ? Optional.empty() : contents.named(reference);
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
        guarded(() -> leases.grant(repository, blob));
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
        guarded(() -> claims.hold(blob));
        return () -> guarded(() -> claims.letGo(blob));
    }

    private void guarded(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    /// Closed once, by whoever began it.
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /// Stores a manifest, and names it. Its parts must be here and leased to the repository, or held by it.
    ///
    /// @throws IncompleteManifestException when a part is missing
    public void put(Repository repository, StoredManifest manifest, byte[] bytes, Naming names) throws IOException {
        try (Hold _ = hold(manifest.digest())) {
            content.put(manifest.descriptor(), bytes);
            // Looked at and claimed under one lock, so that nobody removes a part in between.
            lock.lock();
            try {
                RepositoryContents before = contents(repository);
                before.requireManifests(manifest);
                requireBlobs(repository, manifest);
                save(repository, before.with(manifest, names));
                leases.fulfil(repository, manifest, before.needs());
                if (names.tags().isEmpty()) {
                    lease(repository, manifest.digest());
                }
            } finally {
                lock.unlock();
            }
        }
        names.tags().forEach(tag -> tell(repository, tag));
    }

    private void requireBlobs(Repository repository, StoredManifest manifest) throws IOException {
        for (Digest blob : manifest.blobs()) {
            if (!has(repository, blob) || !content.contains(blob)) {
                throw new IncompleteManifestException(blob);
            }
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
                RepositoryContents after = before.with(manifest, Naming.of(tag)).asMirror();
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
        return locked(() -> {
            RepositoryContents contents = contents(repository);
            if (!contents.mirrored()) {
                return Set.of();
            }
            save(repository, RepositoryContents.EMPTY);
            contents.needs().forEach(each -> leases.end(repository, each));
            return contents.needs();
        });
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

    /// Somebody asks for a manifest: it stays, untagged or not, until he has fetched what it needs, or is silent
    /// for a minute. Copies of another registry's repository stay, too.
    public void reads(Reference name) throws IOException {
        locked(() -> {
            contents(name.repository()).named(name).ifPresent(each -> readers.begin(name.repository(), each));
            noteUse(name, clock.instant());
            return true;
        });
    }

    /// A disk that cannot be written keeps nobody from reading: then the use is known here until the next start.
    private void noteUse(Reference name, Instant now) {
        Repository repository = name.repository();
        RepositoryContents before = contents(repository);
        RepositoryContents after = before.named(name)
                .filter(each -> before.isUnusedBefore(each.digest(), now.minus(RepositoryFiles.NOTED)))
                .map(each -> before.used(each.digest(), now))
                .orElse(before);
        try {
            if (after != before) {
                replace(repository, after);
                save(repository, after);
            }
            files.use(repository, now);
        } catch (IOException e) {
            LOG.warnf("use of a repository not noted repository=%s reason=\"%s\"", repository, e);
        }
    }

    /// Who is fetching what.
    public Readers readers() {
        return readers;
    }

    /// What nobody needs.
    public UnusedContent unused() {
        return new UnusedContent(this, clock);
    }

    /// Ends leases that are over.
    ///
    /// @return their blobs, which may be freed unless they are claimed
    public Set<Digest> expire() {
        lock.lock();
        try {
            return leases.expire();
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
        locked(() -> {
            if (complete && !claims.isClaimed(blob) && !leases.isHeld(blob)) {
                removal.run();
            }
            return true;
        });
    }

    /// Does `work` while nothing changes, and nobody is promised anything.
    <T> T locked(UnusedContent.Work<T> work) throws IOException {
        lock.lock();
        try {
            return work.run();
        } finally {
            lock.unlock();
        }
    }

    /// When a repository was asked for, or changed, last. Called with the lock held.
    Instant used(Repository repository) {
        return files.used(repository);
    }

    /// Those of a repository's manifests that may not go now, because somebody was told of them or fetches them.
    /// Called with the lock held.
    Set<Digest> promised(Repository repository) {
        Set<Digest> promised = new HashSet<>(readers.manifests(repository));
        contents(repository).manifests().keySet().stream()
                .filter(manifest -> leases.isHeld(repository, manifest))
                .forEach(promised::add);
        return promised;
    }

    /// Called with the lock held.
    void save(Repository repository, RepositoryContents changed) throws IOException {
        Instant now = clock.instant();
        RepositoryContents next = changed.aged(now);
        files.write(repository, next, now);
        replace(repository, next);
    }

    private void replace(Repository repository, RepositoryContents next) {
        claims.change(contents(repository), next);
        Map<Repository, RepositoryContents> changed = new HashMap<>(all);
        if (next.isEmpty()) {
            changed.remove(repository);
        } else {
            changed.put(repository, next);
        }
        all = Map.copyOf(changed);
    }

    private void tell(Repository repository, String tag) {
        Reference name = new Reference(repository, tag, null);
        listeners.forEach(listener -> listener.accept(name));
    }
}
