package dev.slipway.engine.content;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Set;

/// Blobs under their digest. A *blob* is bytes that a digest names; an *ingest* is a blob on its way in.
///
/// Life: [#begin(Digest, long)] -> [Ingest#write] ... -> [Ingest#commit] -> readable by [#open] until [#delete]. An
/// ingest
/// that is closed without commit keeps what it has, and the next `begin` for the same digest goes on from there; after
/// a day nobody asked for it, it is swept at start.
///
/// Safe for use by many threads. Readers that are open when a blob is deleted read on to its end.
public interface ContentStore {
    /// How many bytes the blob has, or empty if it is not here.
    OptionalLong sizeBytes(Digest digest) throws IOException;

    /// The blob's bytes from `offsetBytes` on; [NoSuchFileException] if it is not here.
    InputStream open(Digest digest, long offsetBytes) throws IOException;

    /// Starts or resumes the ingest of a blob whose digest and size are known.
    Ingest begin(Digest digest, long sizeBytes) throws IOException;

    /// Starts the ingest of a blob that is being made: commit finds its sha256 digest. It cannot be resumed.
    Ingest begin() throws IOException;

    /// Forgets the blob, and what an ingest of it has left; false if it was not here. Whether anybody needs it is
    /// the caller's to know.
    boolean delete(Digest digest) throws IOException;

    /// Removes ingests that nobody works on and nobody has gone on with for a day.
    void sweepPartials() throws IOException;

    /// Every blob that is here.
    Set<Digest> list() throws IOException;

    default boolean contains(Digest digest) throws IOException {
        return sizeBytes(digest).isPresent();
    }

    /// The blob's bytes from the first on.
    default InputStream open(Digest digest) throws IOException {
        return open(digest, 0);
    }

    /// A small blob whole; one with more than `largestBytes` is an [IOException].
    default byte[] read(Digest digest, int largestBytes) throws IOException {
        try (InputStream stream = open(digest)) {
            byte[] bytes = stream.readNBytes(largestBytes);
            if (bytes.length == largestBytes && stream.read() >= 0) {
                throw new IOException("blob " + digest + " is larger than " + largestBytes + " bytes");
            }
            return bytes;
        }
    }

    /// Stores a small blob that `descriptor` names; what is there and has rotted is replaced.
    default void put(Descriptor descriptor, byte[] bytes) throws IOException {
        if (contains(descriptor.digest())) {
            if (isWhole(descriptor.digest(), bytes)) {
                return;
            }
            if (!descriptor.digest().of(bytes).equals(descriptor.digest())) {
                throw new CorruptContentException(descriptor.digest(), "has another digest");
            }
            delete(descriptor.digest());
        }
        try (Ingest ingest = begin(descriptor.digest(), descriptor.sizeBytes())) {
            ingest.restart();
            ingest.write(bytes, 0, bytes.length);
            ingest.commit();
        }
    }

    private boolean isWhole(Digest digest, byte[] bytes) throws IOException {
        try {
            return sizeBytes(digest).equals(OptionalLong.of(bytes.length))
                    && Arrays.equals(read(digest, bytes.length), bytes);
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
