package dev.slipway.engine.image;

import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.snapshot.LayerFacts;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;

/// The unpacked layers of this host, as far as this room needs them.
public interface LayerTrees {
    boolean isPresent(DiffId layer) throws IOException;

    Set<DiffId> list() throws IOException;

    /// What layers, given bottom first, are as a stack, in the same order. May look at each of their files.
    List<LayerFacts> survey(List<DiffId> stack) throws IOException;

    /// Unpacks an archive aside, and checks that its diffID is `layer`. Reads `packed` to its end. An archive that
    /// is malformed or has another diffID is a [dev.slipway.engine.content.CorruptContentException].
    ///
    /// @param type says how it is compressed
    Unpacked unpack(DiffId layer, MediaType type, InputStream packed) throws IOException;

    /// Makes what layers, which are given bottom first and are all present, need of those below them in this order:
    /// most need nothing, and are not touched. It is present under the digests of [LocalImage#joints], and goes by
    /// [#remove] as a layer does. A layer that needs what is not below it is a
    /// [dev.slipway.engine.content.CorruptContentException].
    void join(List<DiffId> layers) throws IOException;

    /// How many bytes the archive of a layer may have before it is refused.
    long largestBytes();

    /// Removes a layer that no image has.
    void remove(DiffId layer) throws IOException;

    /// A verified tree that nobody sees yet. Closing without commit removes it.
    interface Unpacked extends AutoCloseable {
        /// Makes the layer present; harmless where it already is, because somebody else was faster.
        void commit() throws IOException;

        @Override
        void close() throws IOException;
    }
}
