package dev.slipway.engine.oci;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Points at bytes: what they are, their digest and their exact size.
///
/// @param sizeBytes never negative
/// @param platform only in an index, and not always there
/// @spec https://github.com/opencontainers/image-spec/blob/main/descriptor.md OCI Image Spec: Content Descriptors
public record Descriptor(
        MediaType mediaType,
        Digest digest,
        long sizeBytes,
        @Nullable Platform platform,
        Map<String, String> annotations) {
    public Descriptor {
        Objects.requireNonNull(mediaType);
        Objects.requireNonNull(digest);
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("size of " + digest + " is negative: " + sizeBytes);
        }
        annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
    }

    public Descriptor(MediaType mediaType, Digest digest, long sizeBytes) {
        this(mediaType, digest, sizeBytes, null, Map.of());
    }

    /// Describes `bytes` themselves.
    public static Descriptor of(MediaType mediaType, byte[] bytes) {
        return new Descriptor(mediaType, Digest.sha256(bytes), bytes.length);
    }
}
