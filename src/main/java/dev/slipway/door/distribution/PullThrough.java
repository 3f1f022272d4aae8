package dev.slipway.door.distribution;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.content.Ingest;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
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
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/// Fetches from another registry what a client asks for and this host does not have, and keeps it. Tags are asked of
/// the registry each time; while it does not answer, the last known image is given. A blob goes to the clients while
/// it comes, and comes once however many ask.
///
/// Safe for use by many threads.
final class PullThrough {
    private static final Logger LOG = Logger.getLogger(PullThrough.class);
    private static final int CHUNK_BYTES = 1 << 17;

    private final RegistryClient registry;
    private final Repositories repositories;
    private final Images images;
    private final ContentStore content;
    private final Executor workers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Digest, Ingest> coming = new HashMap<>();

    PullThrough(ServedRegistries.Parts parts, Executor workers) {
        this.registry = parts.registry();
        this.repositories = parts.repositories();
        this.images = parts.images();
        this.content = parts.content();
        this.workers = workers;
    }

    /// The manifest of a tag or a digest, here from then on; empty where the registry does not have it.
    Optional<Descriptor> manifest(Repository repository, String target) throws IOException {
        RepositoryContents known = repositories.contents(repository);
        Optional<Digest> digest = Digest.parse(target);
        Optional<StoredManifest> here =
                digest.isPresent() ? Optional.ofNullable(known.manifests().get(digest.get())) : known.tagged(target);
        if (digest.isPresent() && here.isPresent()) {
            return here.map(StoredManifest::descriptor);
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
                return here.map(StoredManifest::descriptor);
            }
            if (isGone || isRefused) {
                return Optional.empty();
            }
            throw new RefusedException(503, ErrorCode.UNKNOWN, String.valueOf(e.getMessage()));
        }
    }

    private Descriptor current(Reference name, Optional<StoredManifest> here) throws IOException {
        if (here.isPresent()
                && registry.resolvePastMirrors(name, Keyring.EMPTY).equals(here.map(StoredManifest::digest))) {
            return here.get().descriptor();
        }
        ManifestDocument document = registry.manifestPastMirrors(name, Keyring.EMPTY);
        Digest digest = document.descriptor().digest();
        StoredManifest manifest =
                StoredManifest.read(document.bytes(), document.descriptor().mediaType(), digest);
        Optional<String> tag = name.pin().isPresent() ? Optional.empty() : Optional.of(name.tag());
        images.free(repositories.mirror(name.repository(), manifest, document.bytes(), tag));
        return manifest.descriptor();
    }

    /// A blob of one of the repository's manifests, which is fetched while it is read; empty where none needs it.
    Optional<Answer.Body.Stream> blob(Repository repository, Digest digest) throws IOException {
        Optional<Descriptor> blob = describe(repository, digest);
        return blob.map(found -> new Answer.Body.Stream(() -> open(repository, found), found.sizeBytes()));
    }

    private Optional<Descriptor> describe(Repository repository, Digest digest) throws IOException {
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

    private InputStream open(Repository repository, Descriptor blob) throws IOException {
        lock.lock();
        try {
            Ingest running = coming.get(blob.digest());
            if (running != null) {
                return running.follow();
            }
            if (content.contains(blob.digest())) {
                return content.open(blob.digest());
            }
            Ingest ingest = content.begin(blob.digest(), blob.sizeBytes());
            InputStream follower = ingest.follow();
            coming.put(blob.digest(), ingest);
            workers.execute(() -> fetch(repository, blob, ingest));
            return follower;
        } catch (NoSuchFileException e) {
            // It was whole between the two looks.
            return content.open(blob.digest());
        } finally {
            lock.unlock();
        }
    }

    /// The root of a download's thread. Those who follow see its end, or that it broke off.
    private void fetch(Repository repository, Descriptor blob, Ingest ingest) {
        try (ingest) {
            long start = ingest.offsetBytes();
            try (InputStream source = registry.blobPastMirrors(repository, blob, start, Keyring.EMPTY)) {
                byte[] chunk = new byte[CHUNK_BYTES];
                for (int count = source.read(chunk); count >= 0; count = source.read(chunk)) {
                    ingest.write(chunk, 0, count);
                }
            }
            ingest.commit();
        } catch (IOException e) {
            LOG.warnf(
                    "blob not fetched blob=%s repository=%s reason=\"%s\"", blob.digest(), repository, e.getMessage());
        } finally {
            lock.lock();
            try {
                coming.remove(blob.digest());
            } finally {
                lock.unlock();
            }
        }
    }
}
