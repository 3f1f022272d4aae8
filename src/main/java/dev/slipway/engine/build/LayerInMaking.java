package dev.slipway.engine.build;

import dev.slipway.engine.codec.GzipStream;
import dev.slipway.engine.codec.Hashes;
import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.content.Ingest;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.layer.LayerPacker;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.snapshot.Staging;
import dev.slipway.engine.tree.TreeWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;

/// A layer whose tree is being made and that nobody sees yet. Closing without commit removes it. For one thread.
final class LayerInMaking implements AutoCloseable {
    private final ContentStore content;
    private final LayerLimits limits;
    private final Staging staging;

    LayerInMaking(ImageBuilder.Stores stores) throws IOException {
        this.content = stores.content();
        this.limits = stores.limits();
        this.staging = stores.snapshots().stage();
    }

    /// Where the tree is made.
    Path directory() {
        return staging.directory();
    }

    /// Packs the tree, and makes blob and tree visible.
    StepCache.KnownLayer commit() throws IOException {
        Ingest ingest = content.begin();
        try {
            DiffId diffId = pack(ingest);
            long sizeBytes = ingest.offsetBytes();
            Digest digest = ingest.commit();
            staging.commit(diffId);
            return new StepCache.KnownLayer(new Descriptor(MediaType.OCI_LAYER_GZIP, digest, sizeBytes), diffId);
        } finally {
            // Harmless after a commit.
            ingest.discard();
        }
    }

    private DiffId pack(Ingest ingest) throws IOException {
        MessageDigest hash = Hashes.sha256();
        try (OutputStream archive = new DigestOutputStream(new GzipStream(new Sink(ingest)), hash)) {
            LayerPacker.pack(staging.directory(), archive, TreeWriter.AGE, limits);
        }
        return new DiffId(Digest.ofSha256(hash));
    }

    @Override
    public void close() throws IOException {
        staging.close();
    }

    private static final class Sink extends OutputStream {
        private final Ingest ingest;

        Sink(Ingest ingest) {
            this.ingest = ingest;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ingest.write(bytes, offset, length);
        }
    }
}
