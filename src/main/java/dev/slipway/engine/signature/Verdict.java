package dev.slipway.engine.signature;

import dev.slipway.engine.oci.Digest;

/// What came of the last look for the signature of an image.
///
/// @param image the digest of its manifest
/// @param why it is not signed; empty if it is
public record Verdict(Digest image, String why) {
    public boolean isSigned() {
        return why.isEmpty();
    }
}
