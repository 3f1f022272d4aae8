package dev.slipway.engine.content;

import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.io.InputStream;

/// A blob on its way in. One thread writes; others may follow it with [#follow].
///
/// ```
/// begin -> write ... -> commit    the blob is visible
///                    -> discard   nothing is left
///                    -> close     what came is kept for the next begin, if the digest is known
/// ```
public interface Ingest extends AutoCloseable {
    /// How many bytes are here: where the next write goes, and where to resume from after `begin`.
    long offsetBytes();

    /// Appends. More bytes than announced is a [CorruptContentException].
    void write(byte[] bytes, int offset, int length) throws IOException;

    /// Throws away what came, to begin again at the first byte.
    void restart() throws IOException;

    /// The bytes from the first on, also those that are still to be written: reading waits for them, ends at the
    /// announced size or at commit, and fails with [IOException] when the ingest is given up.
    InputStream follow() throws IOException;

    /// Checks size, then digest, syncs, and makes the blob visible. A mismatch is a [CorruptContentException], and
    /// nothing is left.
    ///
    /// @return the blob's digest
    Digest commit() throws IOException;

    /// As [#commit], for a blob that was begun without a digest and turns out to be announced as `expected`.
    Digest commit(Digest expected) throws IOException;

    /// Gives up and removes what came. Harmless after commit.
    void discard() throws IOException;

    /// Lets go: after commit or discard nothing happens, else the bytes are kept to be resumed.
    @Override
    void close() throws IOException;
}
