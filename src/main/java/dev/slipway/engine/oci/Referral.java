package dev.slipway.engine.oci;

import org.jspecify.annotations.Nullable;

/// What a manifest says of its place among others: the manifest that it is about, and what kind of thing it is.
///
/// @param subject the manifest that this one refers to, such as the image that a signature signs; null for none
/// @param artifactType what it says it is, else the type of its config; empty for an index that says nothing
/// @spec https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers OCI Distribution
///     Spec: Listing Referrers
public record Referral(@Nullable Descriptor subject, String artifactType) {}
