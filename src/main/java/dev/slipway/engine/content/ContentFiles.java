package dev.slipway.engine.content;

import dev.slipway.engine.oci.Digest;
import java.nio.file.Path;
import java.util.Optional;

/// Where things are below the content root. Does no I/O.
///
/// ```
/// oci-layout                  says that other tools may read this directory
/// blobs/sha256/<hex>          a verified blob
/// ingest/sha256-<hex>         a partial blob that can be resumed
/// ingest/made-<random>        a blob that is being made, or the second ingest of one
/// ```
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/image-layout.md OCI Image Spec: Image Layout
record ContentFiles(Path root) {
    static final String LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}";
    static final String MADE = "made-";

    Path layout() {
        return root.resolve("oci-layout");
    }

    Path blobs(String algorithm) {
        return root.resolve("blobs").resolve(algorithm);
    }

    Path blob(Digest digest) {
        return blobs(digest.algorithm()).resolve(digest.hex());
    }

    Path ingests() {
        return root.resolve("ingest");
    }

    Path partial(Digest digest) {
        return ingests().resolve(digest.algorithm() + "-" + digest.hex());
    }

    /// The digest of a blob's file, or empty for a file that is not one.
    static Optional<Digest> digest(String algorithm, Path file) {
        return Digest.parse(algorithm + ":" + file.getFileName());
    }
}
