package dev.slipway.engine.oci;

/// What a tag points at: one image, or an index of images for several platforms.
public sealed interface Manifest permits ImageManifest, ImageIndex {
    MediaType mediaType();
}
