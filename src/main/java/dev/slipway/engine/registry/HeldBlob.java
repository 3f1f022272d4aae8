package dev.slipway.engine.registry;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/// A blob that is on this host, and that a repository may have as well.
///
/// @param here opens it
public record HeldBlob(Repository repository, Descriptor blob, BlobPush.Source here) {
    /// How much of a blob is enough to believe that somebody has the rest.
    public static final int PROOF_BYTES = 1 << 16;

    /// Reads a blob of a repository.
    public interface Reader {
        InputStream open(Repository repository, Descriptor blob, long offsetBytes, Keyring keyring) throws IOException;
    }

    /// Reads a piece of the blob in the repository, from a place that nobody can foresee, and says whether that is
    /// the same. A registry can say of any blob that it has it: only its bytes show that it does, and that it gives
    /// them to this caller.
    public boolean isIn(Reader there, Keyring keyring, RandomGenerator random) throws IOException {
        long size = blob.sizeBytes();
        long offset = size <= PROOF_BYTES ? 0 : random.nextLong(1, size - PROOF_BYTES + 1);
        Descriptor piece = new Descriptor(blob.mediaType(), blob.digest(), Math.min(size, offset + PROOF_BYTES));
        try {
            return isSame(there, piece, offset, keyring);
        } catch (RegistryException e) {
            if (e.kind() != RegistryException.Kind.PROTOCOL || piece.sizeBytes() == size) {
                throw e;
            }
            // A registry that ignores ranges sends the whole, which is longer than the piece.
            return isSame(there, blob, offset, keyring);
        }
    }

    private boolean isSame(Reader there, Descriptor end, long offset, Keyring keyring) throws IOException {
        try (InputStream own = here.open(offset);
                InputStream other = there.open(repository, end, offset, keyring)) {
            return Arrays.equals(own.readNBytes(PROOF_BYTES), other.readNBytes(PROOF_BYTES));
        }
    }
}
