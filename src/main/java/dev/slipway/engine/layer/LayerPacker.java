package dev.slipway.engine.layer;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;

/// Packs trees into layer archives, the same tree always into the same bytes.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/layer.md OCI Image Spec: Layer
public final class LayerPacker {
    private static final int BUFFER_BYTES = 1 << 16;

    private LayerPacker() {}

    /// Writes the tree below `directory`, as overlayfs left it in an upper directory: sorted by name, whiteouts and
    /// opaque directories as the specification has them, times in whole seconds, and those later than `latest`
    /// clamped to it. The directory itself has no entry. Sockets are left out, because archives cannot hold them;
    /// so are long runs of zeros, which become holes when the archive is unpacked.
    ///
    /// @param archive gets the archive, not compressed (see [dev.slipway.engine.codec.GzipStream]); is flushed and
    ///     not closed
    /// @param limits within which it could be unpacked again
    /// @throws IOException also when the tree changes meanwhile, or has what cannot be packed: a file named like a
    ///     whiteout, one that overlayfs keeps only in part here, or more than the limits allow
    public static LayerContents pack(Path directory, OutputStream archive, Instant latest, LayerLimits limits)
            throws IOException {
        return pack(directory, archive, new TreeWalk.Rules(TreeWalk.Form.LAYER, latest.getEpochSecond(), limits));
    }

    /// As [#pack], but for a tree that is no layer: all in it is taken as it is, names and devices that would be
    /// whiteouts too, with the times that it has, and the directory itself has the first entry. Only what overlayfs
    /// reads in attributes is left out. [LayerUnpacker#unpackTree] reads it.
    public static LayerContents packTree(Path directory, OutputStream archive) throws IOException {
        return pack(directory, archive, new TreeWalk.Rules(TreeWalk.Form.TREE, Long.MAX_VALUE, LayerLimits.STANDARD));
    }

    private static LayerContents pack(Path directory, OutputStream archive, TreeWalk.Rules rules) throws IOException {
        OutputStream buffered = new BufferedOutputStream(archive, BUFFER_BYTES);
        LayerContents contents;
        try (TreeWalk walk = TreeWalk.open(directory, new TarWriter(buffered), rules)) {
            contents = walk.run();
        }
        buffered.flush();
        return contents;
    }
}
