package dev.slipway.engine.oci;

/// A content digest, `sha256:<hex>`.
public record Digest(String value) {}
