package dev.slipway.engine.oci;

/// The digest of a layer's archive before compression. The same tree packed with gzip and with zstd has one diffID.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/config.md#layer-diffid OCI Image Spec: Layer DiffID
public record DiffId(Digest digest) implements Comparable<DiffId> {
    @Override
    public int compareTo(DiffId other) {
        return digest.compareTo(other.digest);
    }

    @Override
    public String toString() {
        return digest.toString();
    }
}
