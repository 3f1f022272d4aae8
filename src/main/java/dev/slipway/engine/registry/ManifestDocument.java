package dev.slipway.engine.registry;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Manifest;

/// A manifest or an index as a registry gave it, with the digest that its bytes really have.
///
/// @param guarded the registry wanted credentials for it, and was shown some
public record ManifestDocument(Descriptor descriptor, Manifest manifest, byte[] bytes, boolean guarded) {
    public ManifestDocument {
        bytes = bytes.clone();
    }

    @Override
    public byte[] bytes() {
        return bytes.clone();
    }
}
