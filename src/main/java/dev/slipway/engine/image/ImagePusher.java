package dev.slipway.engine.image;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.Manifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.BlobPush;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistryException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jboss.logging.Logger;

/// Sends images to registries: missing blobs side by side, then manifests, what an index lists before the index, and
/// the tag last. A reader of the registry sees the image before or the image after, and never a part of one.
///
/// Safe for use by many threads.
public final class ImagePusher {
    private static final Logger LOG = Logger.getLogger(ImagePusher.class);
    private static final int BLOBS_TO_ONE_REGISTRY = 4;
    private static final int SHARED_LANES = 8;
    private static final int DEEPEST_INDEX = 3;

    private final Images images;
    private final ContentStore content;
    private final RegistryClient registry;
    private final Executor threads;
    private final PushedBlobs pushed = new PushedBlobs();
    private final RegistryLanes lanes = new RegistryLanes(BLOBS_TO_ONE_REGISTRY, SHARED_LANES);

    public ImagePusher(Images images, ContentStore content, RegistryClient registry, Executor threads) {
        this.images = images;
        this.content = content;
        this.registry = registry;
        this.threads = threads;
    }

    /// A document of this host, as it is sent.
    private record Document(Descriptor descriptor, byte[] bytes) {}

    /// Takes note that a repository has the image: others of its host get the blobs from there.
    public void noteAt(Repository repository, LocalImage image) {
        Set<Digest> blobs = new HashSet<>();
        blobs.add(image.manifest().config().digest());
        image.manifest().layers().forEach(layer -> blobs.add(layer.digest()));
        pushed.note(repository, blobs);
    }

    /// What `name` points at in the registry itself; empty if it does not know the name.
    public Optional<Digest> find(Reference name, Keyring keyring) throws IOException {
        RegistryLanes.Lane lane = lanes.enter(name.repository().host());
        try {
            return registry.resolvePastMirrors(name, keyring);
        } finally {
            lane.close();
        }
    }

    /// Points `target` at a present image, there, and waits for it.
    public PushOutcome push(LocalImage image, Reference target, Keyring keyring) {
        return push(image, target, keyring, PushProgress.SILENT);
    }

    /// As [#push(LocalImage, Reference, Keyring)], and tells how it goes.
    public PushOutcome push(LocalImage image, Reference target, Keyring keyring, PushProgress progress) {
        try {
            List<Document> documents = documents(image);
            Digest top = documents.getLast().descriptor().digest();
            boolean isThere = registry.resolvePastMirrors(target, keyring).equals(Optional.of(top));
            long sent = 0;
            String remark = "";
            try {
                sent = send(documents, target, keyring, progress);
                LOG.infof("image pushed image=%s digest=%s bytes=%d", target, top, sent);
            } catch (RegistryException e) {
                // It was sent so that a registry that shows it for another's has it for its own, and tells who follows.
                if (!isThere) {
                    throw e;
                }
                remark = "%s was there, and was not taken again: %s".formatted(target.familiar(), e.getMessage());
                LOG.warnf("image is there, and was not taken again image=%s reason=\"%s\"", target, e.getMessage());
            }
            noteAt(target.repository(), image);
            return new PushOutcome.Pushed(top, sent, remark);
        } catch (IOException e) {
            PullOutcome.Failed failed = PullFailures.outcome(target.familiar(), e);
            String message = failed.message().replaceFirst("^pull ", "push ");
            return new PushOutcome.Failed(failed.reason(), message, failed.retryAfter());
        }
    }

    private long send(List<Document> documents, Reference target, Keyring keyring, PushProgress progress)
            throws IOException {
        Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
        for (Document document : documents) {
            if (ManifestCodec.parse(document.bytes(), document.descriptor().mediaType())
                    instanceof ImageManifest manifest) {
                blobs.put(manifest.config().digest(), manifest.config());
                for (Descriptor layer : manifest.layers()) {
                    if (content.contains(layer.digest())) {
                        blobs.put(layer.digest(), layer);
                    }
                }
            }
        }
        progress.begun(List.copyOf(blobs.values()));
        long sent = sendBlobs(List.copyOf(blobs.values()), target.repository(), keyring, progress);
        for (Document document : documents) {
            boolean isTop = document == documents.getLast();
            Reference name = isTop
                    ? target
                    : new Reference(
                            target.repository(), "", document.descriptor().digest());
            registry.push(name, document.descriptor().mediaType(), document.bytes(), keyring);
        }
        return sent;
    }

    private long sendBlobs(List<Descriptor> blobs, Repository repository, Keyring keyring, PushProgress progress)
            throws IOException {
        List<FutureTask<BlobPush.Sent>> tasks = new ArrayList<>();
        try {
            for (Descriptor blob : blobs) {
                FutureTask<BlobPush.Sent> task = new FutureTask<>(() -> sendBlob(blob, repository, keyring));
                tasks.add(task);
                threads.execute(task);
            }
            long sent = 0;
            for (int i = 0; i < blobs.size(); i++) {
                BlobPush.Sent how = tasks.get(i).get();
                pushed.note(repository, List.of(blobs.get(i).digest()));
                sent += how == BlobPush.Sent.UPLOADED ? blobs.get(i).sizeBytes() : 0;
                progress.sent(blobs.get(i), how);
            }
            return sent;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while pushing");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            tasks.forEach(task -> task.cancel(true));
        }
    }

    private BlobPush.Sent sendBlob(Descriptor blob, Repository repository, Keyring keyring) throws IOException {
        RegistryLanes.Lane lane = lanes.enter(repository.host());
        try {
            return registry.push(
                    repository, blob, offset -> content.open(blob.digest(), offset), origin(blob, repository), keyring);
        } finally {
            lane.close();
        }
    }

    /// A repository of the same registry that the blob may have come from.
    private Optional<Repository> origin(Descriptor blob, Repository repository) {
        Optional<Repository> noted = pushed.beside(repository, blob.digest());
        return noted.isPresent() ? noted : named(blob, repository);
    }

    private Optional<Repository> named(Descriptor blob, Repository repository) {
        return images.list().stream()
                .filter(image -> image.has(blob.digest()))
                .flatMap(image -> image.names().stream())
                .map(Reference::repository)
                .filter(other -> other.host().equals(repository.host()) && !other.equals(repository))
                .min(Repository::compareTo);
    }

    /// The manifest, or an index that it was chosen from where all that it lists is here; the top comes last.
    private List<Document> documents(LocalImage image) throws IOException {
        for (Digest index : image.indexes()) {
            List<Document> documents = new ArrayList<>();
            if (collect(index, documents, 0)) {
                return documents;
            }
        }
        byte[] bytes = content.read(image.digest(), ManifestCodec.LARGEST_BYTES);
        return List.of(new Document(image.descriptor(), bytes));
    }

    /// @return whether the document and all that it needs is here
    private boolean collect(Digest digest, List<Document> found, int depth) throws IOException {
        if (depth > DEEPEST_INDEX || !content.contains(digest)) {
            return false;
        }
        byte[] bytes = content.read(digest, ManifestCodec.LARGEST_BYTES);
        Manifest manifest = ManifestCodec.parse(bytes, null);
        boolean whole =
                switch (manifest) {
                    case ImageIndex index -> {
                        boolean all = true;
                        for (Descriptor child : index.manifests()) {
                            all &= collect(child.digest(), found, depth + 1);
                        }
                        yield all;
                    }
                    case ImageManifest single -> isWhole(single);
                };
        found.add(new Document(new Descriptor(manifest.mediaType(), digest, bytes.length), bytes));
        return whole;
    }

    private boolean isWhole(ImageManifest manifest) throws IOException {
        boolean all = content.contains(manifest.config().digest());
        for (Descriptor layer : manifest.layers()) {
            all &= content.contains(layer.digest());
        }
        return all;
    }
}
