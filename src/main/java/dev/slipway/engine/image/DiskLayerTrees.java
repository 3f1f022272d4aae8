package dev.slipway.engine.image;

import dev.slipway.engine.codec.Hashes;
import dev.slipway.engine.codec.ReadAhead;
import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.joint.Joint;
import dev.slipway.engine.layer.Decompression;
import dev.slipway.engine.layer.LayerContents;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.layer.LayerUnpacker;
import dev.slipway.engine.layer.LooseEnds;
import dev.slipway.engine.layer.MalformedLayerException;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.snapshot.LayerFacts;
import dev.slipway.engine.snapshot.Opening;
import dev.slipway.engine.snapshot.Snapshots;
import dev.slipway.engine.snapshot.Staging;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/// Layers as directories of [Snapshots]. An archive is decompressed on one thread, and hashed and unpacked on another,
/// in one pass:
///
/// ```
/// a thread of its own    packed -> decompress
/// the caller's                              -> diffID -> staging ... compare ... commit
/// ```
///
/// Safe for use by many threads.
public final class DiskLayerTrees implements LayerTrees {
    private static final Logger LOG = Logger.getLogger(DiskLayerTrees.class);

    private final Snapshots snapshots;
    private final LayerLimits limits;
    private final Executor threads;

    /// @param threads must have a thread for every layer that is unpacked at a time, beside the callers'
    public DiskLayerTrees(Snapshots snapshots, LayerLimits limits, Executor threads) {
        this.snapshots = snapshots;
        this.limits = limits;
        this.threads = threads;
    }

    @Override
    public boolean isPresent(DiffId layer) {
        return snapshots.hasLayer(layer);
    }

    @Override
    public Set<DiffId> list() throws IOException {
        return snapshots.layers();
    }

    @Override
    public List<LayerFacts> survey(List<DiffId> stack) throws IOException {
        return snapshots.survey(stack);
    }

    @Override
    public Unpacked unpack(DiffId layer, MediaType type, InputStream packed) throws IOException {
        long start = System.nanoTime();
        Staging staging = snapshots.stage();
        try {
            LayerContents contents = unpackInto(staging, layer, type, packed);
            LOG.debugf(
                    "layer unpacked diffId=%s entries=%d bytes=%d durationMs=%d",
                    layer, contents.entries(), contents.bytes(), (System.nanoTime() - start) / 1_000_000);
            return new StagedTree(staging, layer);
        } catch (IOException | RuntimeException e) {
            closeAfter(e, staging);
            throw e;
        }
    }

    /// From the bottom up, because what joins a layer depends on what joins those below it.
    @Override
    public void join(List<DiffId> layers) throws IOException {
        for (int height = 1; height <= layers.size(); height++) {
            Optional<Opening> opening = snapshots.opening(layers.subList(0, height));
            if (opening.isPresent()) {
                join(opening.get());
            }
        }
    }

    private void join(Opening opening) throws IOException {
        LooseEnds ends = LooseEnds.read(opening.looseEnds());
        try {
            if (opening.isLowest()) {
                Joint.check(ends);
                return;
            }
            try (Staging staging = snapshots.stage()) {
                Joint.make(ends, opening.tree(), opening.below(), staging.directory(), limits);
                staging.commit(opening.joint());
            }
            LOG.debugf("layer joined with those below it diffId=%s joint=%s", opening.layer(), opening.joint());
        } catch (MalformedLayerException e) {
            throw corrupt(opening.layer(), "cannot be unpacked: " + e.getMessage(), e);
        }
    }

    @Override
    public long largestBytes() {
        return limits.bytes();
    }

    @Override
    public void remove(DiffId layer) throws IOException {
        snapshots.removeLayer(layer);
    }

    private LayerContents unpackInto(Staging staging, DiffId layer, MediaType type, InputStream packed)
            throws IOException {
        MessageDigest hash = Hashes.of(layer.digest());
        LayerContents contents;
        try (InputStream archive = ReadAhead.of(Decompression.open(type, packed), threads);
                InputStream hashed = new DigestInputStream(archive, hash)) {
            contents = LayerUnpacker.unpack(hashed, staging.directory(), limits, staging.looseEnds());
        } catch (MalformedLayerException e) {
            throw corrupt(layer, "cannot be unpacked: " + e.getMessage(), e);
        }
        if (!layer.digest().matches(hash)) {
            throw new CorruptContentException(layer.digest(), "is not the diffID of the archive");
        }
        return contents;
    }

    private static CorruptContentException corrupt(DiffId layer, String why, MalformedLayerException cause) {
        CorruptContentException corrupt = new CorruptContentException(layer.digest(), why);
        corrupt.initCause(cause);
        return corrupt;
    }

    private static void closeAfter(Exception failure, Staging staging) {
        try {
            staging.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private record StagedTree(Staging staging, DiffId layer) implements Unpacked {
        @Override
        public void commit() throws IOException {
            staging.commit(layer);
        }

        @Override
        public void close() throws IOException {
            staging.close();
        }
    }
}
