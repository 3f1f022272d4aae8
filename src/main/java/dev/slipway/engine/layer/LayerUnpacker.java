package dev.slipway.engine.layer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/// Unpacks layer archives.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/layer.md OCI Image Spec: Layer
public final class LayerUnpacker {
    private LayerUnpacker() {}

    /// Unpacks an archive that is no longer compressed into an empty directory. Reads `archive` to its end. After a
    /// failure the directory holds a part.
    ///
    /// @throws MalformedLayerException when the archive is not a layer, or is larger than `limits` allow
    public static LayerContents unpack(InputStream archive, Path directory, LayerLimits limits) throws IOException {
        throw new IOException("not yet");
    }
}
