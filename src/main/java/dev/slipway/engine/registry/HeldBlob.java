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
        int length = (int) Math.min(blob.sizeBytes(), PROOF_BYTES);
        long offset = random.nextLong(blob.sizeBytes() - length + 1);
        try (InputStream own = here.open(offset);
                InputStream other = there.open(repository, blob, offset, keyring)) {
            return Arrays.equals(own.readNBytes(length), other.readNBytes(length));
        }
    }
}
