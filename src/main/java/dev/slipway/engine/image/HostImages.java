package dev.slipway.engine.image;

import dev.slipway.disk.AtomicFile;
import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.image.PullOutcome.AlreadyPresent;
import dev.slipway.engine.image.PullOutcome.Failed;
import dev.slipway.engine.image.PullOutcome.Pulled;
import dev.slipway.engine.image.PullOutcome.Reason;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.StoredManifest;
import dev.slipway.engine.signature.Signatures;
import dev.slipway.engine.signature.Verdict;
import dev.slipway.engine.snapshot.LayerFacts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/// The images of this host, on its disk. Owns the catalog file; [#start] reads it, and sweeps blobs and layers that no
/// image has.
///
/// Safe for use by many threads: readers see one immutable [Catalog], and one lock orders changes of it and of what is
/// freed.
public final class HostImages implements Images {
    private static final Logger LOG = Logger.getLogger(HostImages.class);

    private final Path catalogFile;
    private final ContentStore content;
    private final LayerTrees trees;
    private final Repositories repositories;
    private final CatalogCodec codec;
    private final ImagePull.Tools tools;
    private final Flights<PullRequest, ImagePull.Fetched> pulls;
    private final RegistryClient registry;
    private final Signatures signatures;
    private final ReentrantLock changes = new ReentrantLock();
    private final Holds holds = new Holds();
    private final UnjoinedImages unjoined;

    /// What pulls that failed have left for the next try, guarded by the lock.
    private final Map<Reference, Set<Digest>> left = new HashMap<>();
    private volatile Catalog catalog = Catalog.EMPTY;

    /// @param catalogFile the `index.json` beside the blobs
    /// @param threads runs downloads and unpacking; platform threads, because unpacking computes for long
    public HostImages(Path catalogFile, Stores stores, RegistryClient registry, ExecutorService threads) {
        this.catalogFile = catalogFile;
        this.content = stores.content();
        this.trees = stores.trees();
        this.unjoined = new UnjoinedImages(trees, this::forsake);
        this.repositories = stores.repositories();
        this.registry = registry;
        this.codec = new CatalogCodec(content);
        LayerPull layers = new LayerPull(stores, registry, threads, () -> catalog);
        this.signatures = new Signatures(
                catalogFile.resolveSibling("signatures"), new Signatures.Places(content, repositories, registry));
        this.tools = new ImagePull.Tools(stores, registry, signatures, layers, new Flights<>(threads), () -> catalog);
        this.pulls = new Flights<>(threads);
    }

    /// Where blobs and trees are, and what others keep of the blobs.
    public record Stores(ContentStore content, LayerTrees trees, Repositories repositories) {}

    /// Reads the catalog. An image of which something is missing is not present any more; the next pull completes
    /// it.
    public void start() throws IOException {
        signatures.start();
        Optional<Loaded> read = Loaded.read(
                catalogFile, codec, image -> Loaded.missing(image, content, trees), unjoined, this::present);
        if (read.isPresent()) {
            catalog = read.get().catalog();
            changed(() -> read.get().spare(holds, present()));
            sweep();
        }
    }

    /// A later look has shown that it is of no use: the next pull brings it anew, or says why it cannot. The file
    /// names it still, so that another start spares its parts, too.
    private void forsake(LocalImage damaged) {
        changes.lock();
        try {
            holds.spare(damaged.digest(), List.of(damaged.parts()));
            catalog = catalog.losing(damaged.digest());
        } finally {
            changes.unlock();
        }
    }

    @Override
    public Optional<LocalImage> find(Reference reference) {
        return unjoined.joined(catalog.find(reference));
    }

    @Override
    public Optional<LocalImage> find(Digest digest) {
        return unjoined.joined(catalog.find(digest));
    }

    @Override
    public List<LocalImage> list() {
        return catalog.list();
    }

    @Override
    public List<LayerFacts> survey(LocalImage image) throws IOException {
        return trees.survey(image.layers());
    }

    @Override
    public PullOutcome pull(PullRequest request, PullProgress progress) {
        try {
            Optional<LocalImage> here = find(request.reference())
                    .filter(image -> request.platform().runs(image.config().platform()));
            if (here.isPresent() && isEnough(request, here.get())) {
                // Its bytes may have come another way.
                signatures.verify(request.reference(), here.get().digests(), request.keyring());
                return new AlreadyPresent(here.get());
            }
            return request.policy() == PullPolicy.NEVER
                    ? new Failed(
                            Reason.NEVER_PULL,
                            "image " + request.reference().familiar() + " is not here and must not be pulled",
                            Optional.empty())
                    : fetch(request, progress);
        } catch (IOException e) {
            return PullFailures.outcome(request.reference().familiar(), e);
        }
    }

    @Override
    public boolean isKnownGood(Reference reference, LocalImage image) {
        return signatures.isKnownGood(reference.repository(), image.digest());
    }

    @Override
    public Optional<Verdict> verdict(Reference name) {
        return signatures.last(name);
    }

    @Override
    public LocalImage register(Descriptor manifest, Set<Reference> names, Collection<LocalImage> sources)
            throws IOException {
        LocalImage image = codec.image(new CatalogCodec.Entry(manifest, Set.of(), names, false, Map.of(), Set.of()));
        // Looked at and noted under one lock, so that nobody frees a part of it in between.
        return changed(() -> {
            Optional<String> missing = Loaded.missing(image, content, trees);
            if (missing.isPresent()) {
                throw new IOException("register image " + manifest.digest() + ": " + missing.get() + " is missing");
            }
            trees.join(image.layers());
            return added(catalog.isMadeOfGuarded(image, sources) ? image.asGuarded() : image);
        });
    }

    @Override
    public boolean name(Reference name, Digest digest) throws IOException {
        return changed(() -> {
            Optional<LocalImage> image = catalog.find(digest);
            if (image.isPresent()) {
                save(catalog.with(image.get().withNames(Set.of(name))));
            }
            return image.isPresent();
        });
    }

    @Override
    public boolean unname(Reference name) throws IOException {
        return changed(() -> save(catalog.withoutName(name)));
    }

    @Override
    public boolean removeUnless(Digest digest, Predicate<LocalImage> needed) throws IOException {
        return changed(() -> {
            Optional<LocalImage> image = catalog.find(digest);
            boolean removed = image.isPresent() && takenOut(image.get(), needed);
            if (removed) {
                freeUnused(image.get().parts());
            }
            return removed;
        });
    }

    /// Hides the image before anybody is asked. Called with the lock held.
    private boolean takenOut(LocalImage image, Predicate<LocalImage> needed) throws IOException {
        Catalog before = catalog;
        boolean removed = false;
        catalog = before.without(image.digest());
        try {
            if (!needed.test(image)) {
                AtomicFile.write(catalogFile, CatalogCodec.write(catalog));
                removed = true;
            }
            return removed;
        } finally {
            catalog = removed ? catalog : before;
        }
    }

    @Override
    public void forgetLost(Predicate<Set<Digest>> used) throws IOException {
        // Whoever is asked may look for an image, and find that it is damaged: so it is done before.
        Set<Digest> needless = new HashSet<>();
        catalog.lost().forEach((digest, entry) -> {
            if (!used.test(entry.digests())) {
                needless.add(digest);
            }
        });
        changed(() -> save(
                catalog.forgetting(entry -> !needless.contains(entry.manifest().digest()))));
    }

    @Override
    public void free(Set<Digest> candidates) throws IOException {
        changed(() -> {
            freeUnused(candidates);
            return candidates.size();
        });
    }

    @Override
    public void giveUpAllBut(Set<Reference> wanted) throws IOException {
        changed(() -> {
            Set<Reference> unwanted = new HashSet<>(left.keySet());
            unwanted.removeAll(wanted);
            unwanted.forEach(name -> freeUnused(Objects.requireNonNull(left.remove(name))));
            return unwanted.size();
        });
    }

    /// Whether the policy allows to go without asking the registry for more than the digest.
    private boolean isEnough(PullRequest request, LocalImage here) throws IOException {
        if (request.policy() != PullPolicy.ALWAYS || request.reference().pin().isPresent()) {
            return true;
        }
        Optional<Digest> kept = repositories.find(request.reference()).map(StoredManifest::digest);
        Digest now = kept.isPresent() ? kept.get() : registry.resolve(request.reference(), request.keyring());
        return here.isAlready(request.reference(), now);
    }

    private PullOutcome fetch(PullRequest request, PullProgress progress) throws IOException {
        long start = System.nanoTime();
        try (var seat = pulls.board(request, progress, audience -> fetched(request, audience))) {
            ImagePull.Fetched fetched = seat.await();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            return new Pulled(fetched.image(), fetched.fetchedBytes(), took);
        }
    }

    /// The work of one flight: on failure, what it brought and nobody else has is freed, unless another try can use
    /// it.
    private ImagePull.Fetched fetched(PullRequest request, PullProgress audience) throws IOException {
        Holds.Hold hold = holds.begin();
        long start = System.nanoTime();
        Ended ended = Ended.IN_VAIN;
        try {
            ImagePull pull = new ImagePull(tools, request, audience, used -> changed(() -> hold(hold, used)));
            ImagePull.Fetched fetched = pull.run();
            LocalImage image = add(fetched.image());
            ended = Ended.WELL;
            LOG.infof(
                    "image pulled image=%s digest=%s bytes=%d durationMs=%d",
                    request.reference(),
                    image.digest(),
                    fetched.fetchedBytes(),
                    (System.nanoTime() - start) / 1_000_000);
            return new ImagePull.Fetched(image, fetched.fetchedBytes());
        } catch (IOException e) {
            ended = PullFailures.isWorthKeeping(e) ? Ended.FOR_NOW : Ended.IN_VAIN;
            throw e;
        } finally {
            Ended how = ended;
            changed(() -> release(hold, request.reference(), how));
        }
    }

    /// How a flight ended.
    private enum Ended {
        WELL,
        /// Another try may go on from what came.
        FOR_NOW,
        IN_VAIN
    }

    private static boolean hold(Holds.Hold hold, Set<Digest> used) {
        hold.add(used);
        return true;
    }

    private int release(Holds.Hold hold, Reference name, Ended ended) {
        List<Digest> held = hold.release();
        switch (ended) {
            case WELL -> left.remove(name);
            case FOR_NOW -> left.computeIfAbsent(name, same -> new HashSet<>()).addAll(held);
            case IN_VAIN -> {
                freeUnused(held);
                Set<Digest> before = left.remove(name);
                freeUnused(before == null ? Set.of() : before);
            }
        }
        return held.size();
    }

    private LocalImage add(LocalImage image) throws IOException {
        return changed(() -> added(image));
    }

    /// Called with the lock held.
    private LocalImage added(LocalImage image) throws IOException {
        Catalog next = catalog.with(image);
        save(next);
        return next.find(image.digest()).orElseThrow();
    }

    /// @return whether that is another one
    private boolean save(Catalog next) throws IOException {
        boolean isNew = !next.equals(catalog);
        if (isNew) {
            AtomicFile.write(catalogFile, CatalogCodec.write(next));
            catalog = next;
            freeUnused(holds.spareOnly(next.lost().keySet()));
        }
        return isNew;
    }

    @Override
    public int sweep() throws IOException {
        content.sweepPartials();
        return changed(() -> freeUnused(present()));
    }

    private Set<Digest> present() throws IOException {
        Set<Digest> all = new HashSet<>(content.list());
        trees.list().forEach(layer -> all.add(layer.digest()));
        return all;
    }

    /// Removes blobs and layers of `candidates` that no image has, not even a lost one, and no pull uses. Called with
    /// the lock held.
    ///
    /// @return how many those are
    private int freeUnused(Collection<Digest> candidates) {
        Set<Digest> needed = new HashSet<>();
        catalog.list().forEach(image -> needed.addAll(image.parts()));
        int count = 0;
        for (Digest candidate : new HashSet<>(candidates)) {
            if (!needed.contains(candidate) && !holds.contains(candidate) && delete(candidate)) {
                count++;
            }
        }
        return count;
    }

    /// What cannot be removed now is tried again at the next start.
    ///
    /// @return whether nothing of it is left
    private boolean delete(Digest unused) {
        try {
            repositories.unlessClaimed(unused, () -> content.delete(unused));
            trees.remove(new DiffId(unused));
            return !content.contains(unused);
        } catch (IOException e) {
            LOG.warnf("unused content cannot be removed digest=%s reason=%s", unused, e.getMessage());
            return false;
        }
    }

    private interface Change<T> {
        T run() throws IOException;
    }

    private <T> T changed(Change<T> change) throws IOException {
        changes.lock();
        try {
            return change.run();
        } finally {
            changes.unlock();
        }
    }
}
