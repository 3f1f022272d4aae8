package dev.slipway.door.distribution;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.content.Ingest;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.MalformedDocumentException;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.HeldBlob;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.ManifestDocument;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistryException;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.RepositoryContents;
import dev.slipway.engine.repository.StoredManifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/// Fetches from another registry what a client asks for and this host does not have, and keeps it. Tags are asked of
/// the registry each time; while it does not answer, the last known image is given. A blob goes to the clients while it
/// comes, and comes once for a repository however many ask. All that is kept has its limit: what was asked for longest
/// ago goes first.
///
/// Safe for use by many threads.
final class PullThrough {
    private static final Logger LOG = Logger.getLogger(PullThrough.class);
    private static final int CHUNK_BYTES = 1 << 17;
    private static final int MOST_GIVEN = 10_000;

    private final RegistryClient registry;
    private final Repositories repositories;
    private final Images images;
    private final ContentStore content;
    private final Executor workers;
    private final Limits limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Part, Coming> coming = new HashMap<>();
    /// The repositories that were asked for, the last one last.
    private final LinkedHashSet<Repository> asked = new LinkedHashSet<>();
    /// Blobs that repositories have given since the start of the engine.
    private final Set<Part> given = ConcurrentHashMap.newKeySet();
    private final SecureRandom random = new SecureRandom();

    PullThrough(ServedRegistries.Parts parts, Executor workers, Limits limits) {
        this.registry = parts.registry();
        this.repositories = parts.repositories();
        this.images = parts.images();
        this.content = parts.content();
        this.workers = workers;
        this.limits = limits;
    }

    private record Coming(Ingest ingest, long sizeBytes) {}

    private record Part(Repository repository, Digest blob) {}

    /// The manifest of a tag or a digest, here from then on; empty where the registry does not have it.
    Optional<Manifests.Document> manifest(Repository repository, String target) throws IOException {
        RepositoryContents known = repositories.contents(repository);
        Optional<Digest> digest = Digest.parse(target);
        Optional<StoredManifest> here =
                digest.isPresent() ? Optional.ofNullable(known.manifests().get(digest.get())) : known.tagged(target);
        if (digest.isPresent() && here.isPresent()) {
            Optional<Manifests.Document> kept = read(here.get());
            if (kept.isPresent()) {
                return kept;
            }
        }
        if (digest.isEmpty() && !Reference.isTag(target)) {
            return Optional.empty();
        }
        Reference name = new Reference(repository, digest.isPresent() ? "" : target, digest.orElse(null));
        try {
            return Optional.of(current(name, here));
        } catch (RegistryException e) {
            boolean isGone = e.kind() == RegistryException.Kind.NOT_FOUND;
            boolean isRefused = e.kind() == RegistryException.Kind.UNAUTHORIZED;
            if (!isGone && !isRefused && here.isPresent()) {
                LOG.debugf("registry not reached, the last known image is given image=%s reason=\"%s\"", name, e);
                return read(here.get());
            }
            if (isGone || isRefused) {
                return Optional.empty();
            }
            throw new RefusedException(503, ErrorCode.UNKNOWN, String.valueOf(e.getMessage()));
        }
    }

    /// The index of what the registry has about a manifest, in pages as it gives them, or as its clients keep
    /// it under a tag; empty where it does not answer.
    Optional<List<byte[]>> referrers(Repository repository, Digest subject) throws IOException {
        try {
            return Optional.of(registry.referrersPastMirrors(repository, subject, Keyring.EMPTY));
        } catch (RegistryException | MalformedDocumentException e) {
            LOG.debugf("referrers not asked for repository=%s subject=%s reason=\"%s\"", repository, subject, e);
            return Optional.empty();
        }
    }

    private Optional<Manifests.Document> read(StoredManifest manifest) throws IOException {
        return Manifests.read(content, manifest.descriptor());
    }

    private Manifests.Document current(Reference name, Optional<StoredManifest> here) throws IOException {
        if (here.isPresent()
                && registry.resolvePastMirrors(name, Keyring.EMPTY).equals(here.map(StoredManifest::digest))) {
            Optional<Manifests.Document> kept = read(here.get());
            if (kept.isPresent()) {
                return kept.get();
            }
        }
        ManifestDocument document = registry.manifestPastMirrors(name, Keyring.EMPTY);
        Digest digest = document.descriptor().digest();
        StoredManifest read =
                StoredManifest.read(document.bytes(), document.descriptor().mediaType(), digest);
        StoredManifest manifest = document.guarded() ? read.asGuarded() : read;
        Optional<String> tag = name.pin().isPresent() ? Optional.empty() : Optional.of(name.tag());
        makeRoomForManifest(name.repository(), document);
        images.free(repositories.mirror(name.repository(), manifest, document.bytes(), tag));
        return new Manifests.Document(manifest.descriptor(), document.bytes());
    }

    private void makeRoomForManifest(Repository repository, ManifestDocument document) throws IOException {
        lock.lock();
        try {
            asked.remove(repository);
            asked.add(repository);
            if (!content.contains(document.descriptor().digest())) {
                makeRoom(repository, document.bytes().length);
            }
        } finally {
            lock.unlock();
        }
    }

    /// A blob of one of the repository's manifests; empty where none needs it.
    Optional<Descriptor> blob(Repository repository, Digest digest) throws IOException {
        for (StoredManifest manifest :
                repositories.contents(repository).manifests().values()) {
            if (manifest.blobs().contains(digest)) {
                byte[] bytes = content.read(manifest.digest(), ManifestCodec.LARGEST_BYTES);
                if (ManifestCodec.parse(bytes, manifest.descriptor().mediaType()) instanceof ImageManifest image) {
                    return image.config().digest().equals(digest)
                            ? Optional.of(image.config())
                            : image.layers().stream()
                                    .filter(layer -> layer.digest().equals(digest))
                                    .findFirst();
                }
            }
        }
        return Optional.empty();
    }

    /// Whether a client of the repository may have a blob if it is here. What a guarded image brought, or a guarded
    /// copy of another repository, is no gift to one whose manifest names it: that has to have it as well.
    boolean mayGive(Repository repository, Digest digest) throws IOException {
        Part part = new Part(repository, digest);
        if (!content.contains(digest) || given.contains(part) || !isOnlyGuarded(part)) {
            return true;
        }
        Optional<Descriptor> blob = blob(repository, digest);
        boolean gives = blob.isPresent() && isIn(repository, blob.get());
        if (gives) {
            note(part);
        }
        return gives;
    }

    private boolean isIn(Repository repository, Descriptor blob) throws IOException {
        try {
            return content.sizeBytes(blob.digest()).orElse(-1) == blob.sizeBytes()
                    && new HeldBlob(repository, blob, offset -> content.open(blob.digest(), offset))
                            .isIn(registry::blobPastMirrors, Keyring.EMPTY, random);
        } catch (RegistryException e) {
            LOG.debugf("blob not given repository=%s blob=%s reason=\"%s\"", repository, blob.digest(), e);
            return false;
        }
    }

    private void note(Part part) {
        if (given.size() >= MOST_GIVEN) {
            given.clear();
        }
        given.add(part);
    }

    /// Whether somebody has shown credentials for a blob, and nobody is known to have had it without.
    private boolean isOnlyGuarded(Part part) {
        boolean isGuarded = false;
        for (LocalImage image : images.list()) {
            if (image.has(part.blob())) {
                if (!image.guarded()) {
                    return false;
                }
                isGuarded = true;
            }
        }
        for (Repository repository : repositories.list()) {
            RepositoryContents contents = repositories.contents(repository);
            for (StoredManifest manifest : contents.manifests().values()) {
                if (!repository.equals(part.repository()) && manifest.blobs().contains(part.blob())) {
                    if (!contents.mirrored()) {
                        return false;
                    }
                    isGuarded |= manifest.guarded();
                }
            }
        }
        return isGuarded;
    }

    /// Its bytes from the first on, which are fetched while they are read.
    InputStream open(Repository repository, Descriptor blob) throws IOException {
        Optional<InputStream> follower = follow(new Part(repository, blob.digest()), blob);
        if (follower.isPresent()) {
            return follower.get();
        }
        // It was whole between two looks.
        if (!mayGive(repository, blob.digest())) {
            throw Blobs.unknown(blob.digest());
        }
        return content.open(blob.digest());
    }

    /// What comes for another repository, or has come before it broke off, is none of this one's: it may be guarded
    /// there.
    ///
    /// @return empty when all of it is here
    private Optional<InputStream> follow(Part part, Descriptor blob) throws IOException {
        lock.lock();
        try {
            asked.remove(part.repository());
            asked.add(part.repository());
            Coming running = coming.get(part);
            if (running != null) {
                return Optional.of(running.ingest().follow());
            }
            if (content.contains(part.blob())) {
                return Optional.empty();
            }
            requireBearable(blob);
            makeRoom(part.repository(), blob.sizeBytes());
            Ingest ingest = content.begin(part.blob(), blob.sizeBytes());
            if (ingest.offsetBytes() > 0) {
                ingest.restart();
            }
            InputStream follower = ingest.follow();
            coming.put(part, new Coming(ingest, blob.sizeBytes()));
            workers.execute(() -> fetch(part, blob, ingest));
            return Optional.of(follower);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private void requireBearable(Descriptor blob) throws RefusedException {
        if (blob.sizeBytes() > limits.largestBlobBytes()) {
            throw new RefusedException(
                    403,
                    ErrorCode.DENIED,
                    "blobs of more than %d bytes are not fetched".formatted(limits.largestBlobBytes()));
        }
    }

    /// Forgets repositories that nobody has asked for lately until there is room for so many bytes. Called with the
    /// lock held.
    private void makeRoom(Repository repository, long sizeBytes) throws IOException {
        long wanted = sizeBytes
                + coming.values().stream().mapToLong(Coming::sizeBytes).sum();
        for (Repository other : lastAskedLast()) {
            if (wanted + repositories.countMirrored().bytes() <= limits.mirroredBytes()) {
                return;
            }
            if (!other.equals(repository)) {
                asked.remove(other);
                images.free(repositories.forget(other));
            }
        }
        if (wanted + repositories.countMirrored().bytes() > limits.mirroredBytes()) {
            throw new RefusedException(403, ErrorCode.DENIED, "there is no room for it");
        }
    }

    /// Those that nobody has asked for since the start of the engine come first.
    private List<Repository> lastAskedLast() {
        List<Repository> order = new ArrayList<>(repositories.list());
        order.removeAll(asked);
        order.addAll(asked);
        return order;
    }

    /// The root of a download's thread. Those who follow see its end, or that it broke off. Nobody frees the blob
    /// meanwhile; afterwards it stays if a manifest needs it still.
    private void fetch(Part part, Descriptor blob, Ingest ingest) {
        try (ingest;
                Repositories.Hold _ = repositories.hold(part.blob())) {
            try (InputStream source = registry.blobPastMirrors(part.repository(), blob, 0, Keyring.EMPTY)) {
                byte[] chunk = new byte[CHUNK_BYTES];
                for (int count = source.read(chunk); count >= 0; count = source.read(chunk)) {
                    ingest.write(chunk, 0, count);
                }
            }
            ingest.commit();
            note(part);
        } catch (IOException e) {
            LOG.warnf(
                    "blob not fetched blob=%s repository=%s reason=\"%s\"",
                    part.blob(), part.repository(), e.getMessage());
        } finally {
            lock.lock();
            try {
                coming.remove(part);
            } finally {
                lock.unlock();
            }
            freeUnlessNeeded(part.blob());
        }
    }

    private void freeUnlessNeeded(Digest blob) {
        try {
            images.free(Set.of(blob));
        } catch (IOException e) {
            LOG.warnf("blob not freed blob=%s reason=\"%s\"", blob, e.getMessage());
        }
    }
}
