package dev.slipway.engine.image;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.content.Ingest;
import dev.slipway.engine.image.PullProgress.Phase;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.HeldBlob;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistryException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Makes one layer present: its blob in the content store, its tree unpacked. In one pass where neither is here:
///
/// ```
/// this thread      socket -> digest -> content store ............ commit -- wait ------ commit the tree
/// another thread        content store -> decompress -> diffID -> tree ........... done
/// ```
///
/// The second thread reads the blob's file while the first one writes it, so a slow disk or a long archive never keeps
/// the connection waiting, and what an earlier try left needs no second way in.
final class LayerPull {
    private static final Logger LOG = Logger.getLogger(LayerPull.class);
    private static final int CHUNK_BYTES = 1 << 17;
    private static final int LAYERS_OF_ONE_REGISTRY = 4;
    private static final int SHARED_LANES = 8;
    private static final int MOST_KNOWN = 10_000;

    private final ContentStore content;
    private final LayerTrees trees;
    private final RegistryClient registry;
    private final ExecutorService threads;
    private final Supplier<Catalog> catalog;
    private final RegistryLanes lanes = new RegistryLanes(LAYERS_OF_ONE_REGISTRY, SHARED_LANES);
    private final SecureRandom random = new SecureRandom();

    /// What blobs have turned out to be when they were unpacked, for a pull that goes on where another one failed.
    private final Map<Digest, DiffId> unpacked = new ConcurrentHashMap<>();

    LayerPull(HostImages.Stores stores, RegistryClient registry, ExecutorService threads, Supplier<Catalog> catalog) {
        this.content = stores.content();
        this.trees = stores.trees();
        this.registry = registry;
        this.threads = threads;
        this.catalog = catalog;
    }

    /// Which layer, and where it can be had.
    ///
    /// @param guarded its image came with credentials
    record Order(Repository repository, Descriptor blob, DiffId diffId, Keyring keyring, boolean guarded) {
        Key key() {
            return new Key(repository.host(), blob.digest(), diffId);
        }
    }

    /// What makes two orders the same work. Nobody waits for a layer from a registry that it was not asked of,
    /// which may be slow.
    record Key(String host, Digest blob, DiffId diffId) {}

    /// What an order brought.
    record Brought(Order by, long travelledBytes) {
        /// Whether it shows that whoever made `other` may have the blob: enough of it was read in that repository, or
        /// somewhere that wants no credentials.
        boolean isFor(Order other) {
            return (by.repository().equals(other.repository()) || !by.guarded())
                    && travelledBytes >= Math.min(by.blob().sizeBytes(), HeldBlob.PROOF_BYTES);
        }
    }

    /// A layer with more bytes is none that could be unpacked.
    long largestBytes() {
        return trees.largestBytes();
    }

    /// Does it.
    Brought run(Order order, PullProgress progress) throws IOException {
        progress.layer(order.blob().digest(), Phase.WAITING, 0);
        RegistryLanes.Lane lane = lanes.enter(order.repository().host());
        try {
            long travelled = makePresent(order, progress);
            progress.layer(order.blob().digest(), Phase.DONE, order.blob().sizeBytes());
            return new Brought(order, travelled);
        } finally {
            lane.close();
        }
    }

    /// Fails unless the repository gives a blob that is here, too.
    void prove(Order order) throws IOException {
        Descriptor blob = order.blob();
        if (content.sizeBytes(blob.digest()).orElse(-1) != blob.sizeBytes()) {
            throw new CorruptContentException(blob.digest(), "has another size than its manifest says");
        }
        HeldBlob held = new HeldBlob(order.repository(), blob, offset -> content.open(blob.digest(), offset));
        if (!held.isIn(registry::blob, order.keyring(), random)) {
            throw new CorruptContentException(blob.digest(), "is not what %s has".formatted(order.repository()));
        }
    }

    /// Joins layers, bottom first and all present, with one another.
    void join(List<DiffId> layers) throws IOException {
        trees.join(layers);
    }

    private long makePresent(Order order, PullProgress progress) throws IOException {
        if (!content.contains(order.blob().digest())) {
            return fetch(order, progress);
        }
        if (!trees.isPresent(order.diffId()) || !isKnown(order)) {
            progress.layer(order.blob().digest(), Phase.UNPACKING, order.blob().sizeBytes());
            unpackStored(order);
        }
        return 0;
    }

    private void unpackStored(Order order) throws IOException {
        try (InputStream packed = content.open(order.blob().digest());
                LayerTrees.Unpacked tree =
                        trees.unpack(order.diffId(), order.blob().mediaType(), packed)) {
            tree.commit();
            note(order);
        }
    }

    /// Whether the blob has been unpacked to the layer before. A config may name any layer that is here beside any
    /// blob.
    private boolean isKnown(Order order) {
        return order.diffId().equals(unpacked.get(order.blob().digest()))
                || catalog.get().isPacked(order.diffId(), order.blob().digest());
    }

    private void note(Order order) {
        if (unpacked.size() >= MOST_KNOWN) {
            unpacked.clear();
        }
        unpacked.put(order.blob().digest(), order.diffId());
    }

    /// What came wrong is asked for once more, from the registry itself and from the first byte: an earlier try may
    /// have
    /// left bad bytes, for instance after a power cut, and a mirror may lie. A mirror that stops is passed by, too.
    private long fetch(Order order, PullProgress progress) throws IOException {
        try (Ingest ingest = content.begin(order.blob().digest(), order.blob().sizeBytes())) {
            return fetch(order, ingest, registry::blob, progress);
        } catch (CorruptContentException e) {
            LOG.debugf("layer came wrong blob=%s reason=%s", order.blob().digest(), e.getMessage());
        } catch (RegistryException e) {
            if (!registry.hasMirrors(order.repository())) {
                throw e;
            }
        }
        try (Ingest ingest = content.begin(order.blob().digest(), order.blob().sizeBytes())) {
            return fetch(order, ingest, registry::blobPastMirrors, progress);
        }
    }

    private long fetch(Order order, Ingest ingest, HeldBlob.Reader source, PullProgress progress) throws IOException {
        Unpacking unpacking = new Unpacking(trees, order, ingest.follow());
        boolean keep = false;
        try {
            unpacking.startOn(threads);
            long travelled = ingest.offsetBytes() == order.blob().sizeBytes()
                    ? 0
                    : download(order, ingest, source, done -> {
                        unpacking.throwIfFailed();
                        progress.layer(order.blob().digest(), Phase.DOWNLOADING, done);
                    });
            ingest.commit();
            progress.layer(order.blob().digest(), Phase.UNPACKING, order.blob().sizeBytes());
            unpacking.await().commit();
            note(order);
            return travelled;
        } catch (IOException e) {
            keep = PullFailures.isWorthKeeping(e);
            throw e;
        } finally {
            end(ingest, keep);
            unpacking.close();
        }
    }

    /// Lets go of what is not committed; whoever follows the ingest sees that it ended.
    private static void end(Ingest ingest, boolean keep) throws IOException {
        if (keep) {
            ingest.close();
        } else {
            ingest.discard();
        }
    }

    private interface Meter {
        void at(long doneBytes) throws IOException;
    }

    private static long download(Order order, Ingest ingest, HeldBlob.Reader source, Meter meter) throws IOException {
        long start = ingest.offsetBytes();
        try (InputStream stream = source.open(order.repository(), order.blob(), start, order.keyring())) {
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int count = stream.read(chunk); count >= 0; count = stream.read(chunk)) {
                ingest.write(chunk, 0, count);
                meter.at(ingest.offsetBytes());
            }
        }
        return ingest.offsetBytes() - start;
    }

    /// The half of a layer's pull that runs beside the download. Owned by the downloading thread, which runs it on
    /// another one, waits for its end and closes it; a tree that was not committed by then is removed.
    private static final class Unpacking implements Runnable, AutoCloseable {
        private final LayerTrees trees;
        private final Order order;
        private final InputStream packed;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile LayerTrees.@Nullable Unpacked tree;
        private volatile @Nullable Throwable failure;
        private boolean started;

        Unpacking(LayerTrees trees, Order order, InputStream packed) {
            this.trees = trees;
            this.order = order;
            this.packed = packed;
        }

        void startOn(ExecutorService threads) {
            threads.execute(this);
            started = true;
        }

        @Override
        public void run() {
            try (packed) {
                tree = trees.unpack(order.diffId(), order.blob().mediaType(), packed);
            } catch (IOException | RuntimeException e) {
                failure = e;
            } finally {
                ended.countDown();
            }
        }

        /// Stops a download whose archive cannot be unpacked.
        void throwIfFailed() throws IOException {
            Throwable cause = failure;
            switch (cause) {
                case null -> {}
                case IOException io -> throw io;
                case RuntimeException bug -> throw bug;
                default -> throw new IllegalStateException(cause);
            }
        }

        /// Waits for the end.
        LayerTrees.Unpacked await() throws IOException {
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while unpacking a layer");
            }
            throwIfFailed();
            LayerTrees.Unpacked done = tree;
            if (done == null) {
                throw new IllegalStateException("unpacking ended without tree and without failure");
            }
            return done;
        }

        /// Waits for the end, which the caller must have made sure of by ending the ingest, and removes an
        /// uncommitted tree.
        @Override
        public void close() throws IOException {
            boolean interrupted = false;
            while (started && ended.getCount() > 0) {
                try {
                    ended.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            LayerTrees.Unpacked done = tree;
            if (done != null) {
                done.close();
            }
            packed.close();
        }
    }
}
