package dev.slipway.engine.image;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.BlobPush;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistryException;
import dev.slipway.engine.repository.Repositories;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/// Sends images to registries: missing blobs side by side, then manifests, what an index lists before the index, and
/// the tag last. A reader of the registry sees the image before or the image after, and never a part of one.
///
/// Safe for use by many threads.
public final class ImagePusher {
    private static final Logger LOG = Logger.getLogger(ImagePusher.class);
    private static final int BLOBS_TO_ONE_REGISTRY = 4;
    private static final int SHARED_LANES = 8;
    private static final long MOST_DOCUMENT_BYTES = 64L << 20;

    private final Images images;
    private final ContentStore content;
    private final RegistryClient registry;
    private final PushContent.Stores stores;
    private final Executor threads;
    private final PushedBlobs pushed = new PushedBlobs();
    private final RegistryLanes lanes = new RegistryLanes(BLOBS_TO_ONE_REGISTRY, SHARED_LANES);

    public ImagePusher(Sources sources, RegistryClient registry, Executor threads) {
        this(sources, registry, threads, MOST_DOCUMENT_BYTES);
    }

    ImagePusher(Sources sources, RegistryClient registry, Executor threads, long mostDocumentBytes) {
        this.images = sources.images();
        this.content = sources.content();
        this.registry = registry;
        this.stores = new PushContent.Stores(sources, registry, new FetchedDocuments(), mostDocumentBytes);
        this.threads = threads;
    }

    /// What this host has.
    public record Sources(Images images, ContentStore content, Repositories repositories) {}

    /// What is pushed where.
    ///
    /// @param keyring for the target
    public record Order(LocalImage image, Origin origin, Reference target, Keyring keyring) {}

    /// Where an image came from. What of its index is not on this host is sent on from there.
    ///
    /// @param index the one that it was chosen from, or the image itself if from none; empty if that is not known
    /// @param repository empty if that is not known
    /// @param isSure it came from there; else it may have
    public record Origin(Optional<Digest> index, Optional<Repository> repository, boolean isSure) {
        public static final Origin UNKNOWN = new Origin(Optional.empty(), Optional.empty(), false);
    }

    /// Told how a push goes, on the thread of whoever pushes. What it throws ends the push.
    public interface Progress {
        Progress SILENT = new Progress() {
            @Override
            public void begun(List<Descriptor> blobs) {}

            @Override
            public void sent(Descriptor blob, BlobPush.Sent how) {}
        };

        /// @param blobs what the registry has to have before it gets the manifest; not called where it has the
        ///     image
        void begun(List<Descriptor> blobs) throws IOException;

        /// So much of a blob has been sent, or need not be; less than before where some is sent once more. Called
        /// from several threads, often; must return at once and not throw.
        default void moved(Descriptor blob, long bytes) {}

        /// The registry has a blob, and has all that come before it in what has [#begun].
        void sent(Descriptor blob, BlobPush.Sent how) throws IOException;
    }

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

    /// Points `target` at a present image of unknown origin, there, and waits for it.
    public PushOutcome push(LocalImage image, Reference target, Keyring keyring) {
        return push(new Order(image, Origin.UNKNOWN, target, keyring), Progress.SILENT);
    }

    /// Points a name at a present image, there: at its index where that is known and all of it can be had, else at
    /// the image alone. Waits for it, and tells how it goes.
    public PushOutcome push(Order order, Progress progress) {
        Reference target = order.target();
        try {
            Optional<Digest> there = registry.resolvePastMirrors(target, order.keyring());
            return push(order, there, progress);
        } catch (IOException e) {
            PullOutcome.Failed failed = PullFailures.outcome(target.familiar(), e);
            String message = failed.message().replaceFirst("^pull ", "push ");
            return new PushOutcome.Failed(failed.reason(), message, failed.retryAfter());
        }
    }

    /// @param there what the target points at now
    private PushOutcome.Pushed push(Order order, Optional<Digest> there, Progress progress) throws IOException {
        LocalImage image = order.image();
        List<Digest> indexes =
                PushContent.indexes(content, image, order.origin().index());
        boolean isOfNone = order.origin().index().equals(Optional.of(image.digest()));
        if (indexes.isEmpty() || isOfNone) {
            return push(order, PushContent.alone(stores, image), there, progress);
        }
        // Another index has other images for other platforms: older ones, or a stranger's. One that is there stays.
        Optional<Digest> chosen =
                indexes.size() == 1 ? Optional.of(indexes.getFirst()) : there.filter(indexes::contains);
        if (chosen.isEmpty()) {
            return pushAlone(order, there, progress, "it is of several indexes, and which is meant is not known");
        }
        Digest index = chosen.get();
        boolean isKept = there.equals(chosen) && content.contains(index);
        try {
            PushContent sending = isKept
                    ? PushContent.here(stores, image, index)
                    : PushContent.whole(stores, image, index, order.origin());
            return push(order, sending, there, progress);
        } catch (PushContent.AbsentException e) {
            return pushAlone(order, there, progress, "its index could not be had whole: " + e.getMessage());
        }
    }

    private PushOutcome.Pushed pushAlone(Order order, Optional<Digest> there, Progress progress, String why)
            throws IOException {
        LOG.warnf("image goes without an index image=%s reason=\"%s\"", order.target(), why);
        PushOutcome.Pushed alone = push(order, PushContent.alone(stores, order.image()), there, progress);
        return new PushOutcome.Pushed(
                alone.digest(), alone.sentBytes(), alone.remark().isEmpty() ? why : alone.remark() + "; " + why);
    }

    private PushOutcome.Pushed push(Order order, PushContent sending, Optional<Digest> there, Progress progress)
            throws IOException {
        Reference target = order.target();
        Digest top = sending.top();
        long sent = 0;
        String remark = "";
        try {
            sent = send(order, sending, progress);
            LOG.infof("image pushed image=%s digest=%s bytes=%d", target, top, sent);
        } catch (RegistryException e) {
            // It was sent so that a registry that shows it for another's has it for its own, and tells who follows.
            if (!there.equals(Optional.of(top))) {
                throw e;
            }
            remark = "%s was there, and was not taken again: %s".formatted(target.familiar(), e.getMessage());
            LOG.warnf("image is there, and was not taken again image=%s reason=\"%s\"", target, e.getMessage());
        }
        noteAt(target.repository(), order.image());
        return new PushOutcome.Pushed(top, sent, remark);
    }

    private long send(Order order, PushContent sending, Progress progress) throws IOException {
        Reference target = order.target();
        progress.begun(
                sending.blobs().stream().map(PushContent.Blob::descriptor).toList());
        long sent = sendBlobs(order, sending.blobs(), progress);
        for (PushContent.Document document : sending.documents()) {
            Digest digest = document.descriptor().digest();
            Reference name = digest.equals(sending.top()) ? target : new Reference(target.repository(), "", digest);
            registry.push(name, document.descriptor().mediaType(), document.bytes(), order.keyring());
        }
        return sent;
    }

    private long sendBlobs(Order order, List<PushContent.Blob> blobs, Progress progress) throws IOException {
        List<FutureTask<BlobPush.Sent>> tasks = blobs.stream()
                .map(blob -> new FutureTask<>(() -> sendBlob(order, blob, progress)))
                .toList();
        try {
            AtomicInteger next = new AtomicInteger();
            for (int i = 0; i < Math.min(BLOBS_TO_ONE_REGISTRY, tasks.size()); i++) {
                threads.execute(() -> {
                    for (int task = next.getAndIncrement(); task < tasks.size(); task = next.getAndIncrement()) {
                        tasks.get(task).run();
                    }
                });
            }
            long sent = 0;
            for (int i = 0; i < blobs.size(); i++) {
                BlobPush.Sent how = tasks.get(i).get();
                Descriptor blob = blobs.get(i).descriptor();
                pushed.note(order.target().repository(), List.of(blob.digest()));
                sent += how == BlobPush.Sent.UPLOADED ? blob.sizeBytes() : 0;
                progress.sent(blob, how);
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
            // Those that have not begun go first.
            tasks.reversed().forEach(task -> task.cancel(true));
        }
    }

    private BlobPush.Sent sendBlob(Order order, PushContent.Blob blob, Progress progress) throws IOException {
        Repository repository = order.target().repository();
        RegistryLanes.Lane lane = lanes.enter(repository.host());
        try {
            Descriptor descriptor = blob.descriptor();
            Optional<Repository> origin = order.origin().repository();
            BlobPush.Sent sent = origin.isPresent() && !blob.isHere()
                    ? relay(order, descriptor, origin.get(), progress)
                    : registry.push(
                            repository,
                            descriptor,
                            counted(offset -> content.open(descriptor.digest(), offset), descriptor, progress),
                            beside(descriptor, repository),
                            order.keyring());
            progress.moved(descriptor, descriptor.sizeBytes());
            return sent;
        } finally {
            lane.close();
        }
    }

    private static BlobPush.Source counted(BlobPush.Source source, Descriptor blob, Progress progress) {
        return offset -> new Counted(source.open(offset), blob, offset, progress);
    }

    /// Tells of what is taken from it.
    private static final class Counted extends FilterInputStream {
        private final Descriptor blob;
        private final Progress progress;
        private long position;

        Counted(InputStream stream, Descriptor blob, long offset, Progress progress) {
            super(stream);
            this.blob = blob;
            this.progress = progress;
            this.position = offset;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = super.read(bytes, offset, length);
            if (count > 0) {
                position += count;
                progress.moved(blob, position);
            }
            return count;
        }
    }

    /// From registry to registry, or from one repository to another of the same registry. What comes wrong is asked
    /// for once more, from the registry itself: a mirror may lie, or stop.
    ///
    /// A stranger says what the blob is: it is mounted from no other repository than where his index came from.
    /// This host may be let into some that he is not.
    private BlobPush.Sent relay(Order order, Descriptor blob, Repository origin, Progress progress) throws IOException {
        Repository repository = order.target().repository();
        Optional<Repository> beside = Optional.of(origin)
                .filter(other -> other.host().equals(repository.host()) && !other.equals(repository));
        IOException failure = new IOException("nobody was asked");
        List<BlobRelay.From> sources = List.of(registry::blob, registry::blobPastMirrors);
        for (BlobRelay.From source : sources) {
            try (BlobRelay relay = new BlobRelay(source, origin, blob)) {
                try {
                    return registry.push(repository, blob, counted(relay, blob, progress), beside, order.keyring());
                } catch (InterruptedIOException e) {
                    throw e;
                } catch (IOException e) {
                    failure = relay.failure().orElseThrow(() -> e);
                }
            }
            LOG.debugf("blob came wrong blob=%s reason=%s", blob.digest(), failure.getMessage());
            if (!(failure instanceof CorruptContentException) && !registry.hasMirrors(origin)) {
                break;
            }
        }
        throw PushContent.AbsentException.of(failure, order.origin());
    }

    /// A repository of the same registry that a blob of this host may have come from.
    private Optional<Repository> beside(Descriptor blob, Repository repository) {
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
}
