package dev.slipway.engine.image;

import dev.slipway.engine.oci.Digest;

/// An image that is on this host, ready to run.
public record LocalImage(Digest digest) {}
