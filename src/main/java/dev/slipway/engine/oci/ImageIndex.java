package dev.slipway.engine.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Manifests of one image for several platforms.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/image-index.md OCI Image Spec: Image Index
public record ImageIndex(MediaType mediaType, List<Descriptor> manifests, Map<String, String> annotations)
        implements Manifest {
    public ImageIndex {
        if (!mediaType.isIndex()) {
            throw new IllegalArgumentException("not the media type of an index: " + mediaType);
        }
        manifests = List.copyOf(manifests);
        annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
    }
}
