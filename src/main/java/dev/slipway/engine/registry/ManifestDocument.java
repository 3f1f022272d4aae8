package dev.slipway.engine.registry;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Manifest;

/// A manifest or an index as a registry gave it, with the digest that its bytes really have.
public record ManifestDocument(Descriptor descriptor, Manifest manifest, byte[] bytes) {
    public ManifestDocument {
        bytes = bytes.clone();
    }

    @Override
    public byte[] bytes() {
        return bytes.clone();
    }
}
