package dev.slipway.engine.layer;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;

/// Packs trees into layer archives, the same tree always into the same bytes.
public final class LayerPacker {
    private LayerPacker() {}

    /// Writes the tree below `directory`, as overlayfs left it in an upper directory: sorted by name, whiteouts and
    /// opaque directories as the specification has them, times later than `latest` clamped to it.
    ///
    /// @param archive gets the archive, not compressed; is not closed
    public static LayerContents pack(Path directory, OutputStream archive, Instant latest) throws IOException {
        throw new IOException("not yet");
    }
}
