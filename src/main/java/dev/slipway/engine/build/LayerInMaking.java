package dev.slipway.engine.build;

import dev.slipway.engine.codec.Hashes;
import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.content.Ingest;
import dev.slipway.engine.layer.GzipStream;
import dev.slipway.engine.layer.LayerPacker;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.snapshot.Snapshots;
import dev.slipway.engine.snapshot.Staging;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.SortedMap;

/// A layer whose tree and blob are written and that nobody sees yet. Closing without commit removes both. For one
/// thread.
final class LayerInMaking implements AutoCloseable {
    private final Staging staging;
    private final Ingest ingest;
    private final DiffId diffId;

    private LayerInMaking(Staging staging, Ingest ingest, DiffId diffId) {
        this.staging = staging;
        this.ingest = ingest;
        this.diffId = diffId;
    }

    static LayerInMaking of(SortedMap<String, TreeNode> nodes, Snapshots snapshots, ContentStore content)
            throws IOException {
        Staging staging = snapshots.stage();
        try {
            TreeWriter.write(nodes, staging.directory());
            return packed(staging, content);
        } catch (IOException | RuntimeException e) {
            staging.close();
            throw e;
        }
    }

    private static LayerInMaking packed(Staging staging, ContentStore content) throws IOException {
        Ingest ingest = content.begin();
        try {
            return new LayerInMaking(staging, ingest, pack(staging.directory(), ingest));
        } catch (IOException | RuntimeException e) {
            ingest.discard();
            throw e;
        }
    }

    private static DiffId pack(Path tree, Ingest ingest) throws IOException {
        MessageDigest hash = Hashes.sha256();
        try (OutputStream archive = new DigestOutputStream(new GzipStream(new Sink(ingest)), hash)) {
            LayerPacker.pack(tree, archive, TreeWriter.AGE);
        }
        return new DiffId(Digest.ofSha256(hash));
    }

    DiffId diffId() {
        return diffId;
    }

    /// The tree, for those who stack on it.
    Path directory() {
        return staging.directory();
    }

    /// Makes blob and tree visible.
    StepCache.KnownLayer commit() throws IOException {
        long sizeBytes = ingest.offsetBytes();
        Digest digest = ingest.commit();
        staging.commit(diffId);
        return new StepCache.KnownLayer(new Descriptor(MediaType.OCI_LAYER_GZIP, digest, sizeBytes), diffId);
    }

    @Override
    public void close() throws IOException {
        try {
            ingest.discard();
        } finally {
            staging.close();
        }
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
