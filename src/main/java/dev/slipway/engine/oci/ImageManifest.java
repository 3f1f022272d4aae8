package dev.slipway.engine.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The parts of one image: its config and its layers, bottom first.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/manifest.md OCI Image Spec: Image Manifest
public record ImageManifest(
        MediaType mediaType, Descriptor config, List<Descriptor> layers, Map<String, String> annotations)
        implements Manifest {
    public ImageManifest {
        if (!mediaType.isManifest()) {
            throw new IllegalArgumentException("not the media type of a manifest: " + mediaType);
        }
        layers = List.copyOf(layers);
        annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
    }

    /// An OCI manifest without annotations.
    public ImageManifest(Descriptor config, List<Descriptor> layers) {
        this(MediaType.OCI_MANIFEST, config, layers, Map.of());
    }

    /// Bytes of all layers as they travel.
    public long packedBytes() {
        return layers.stream().mapToLong(Descriptor::sizeBytes).sum();
    }
}
