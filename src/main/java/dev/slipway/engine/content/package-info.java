/// Blobs under their digest, visible only when verified.
///
/// Words: a *blob* is bytes under their digest; an *ingest* ([Ingest]) is a blob on its way in; *commit* checks size,
/// then digest, and makes it visible.
///
/// In: bytes with the digest and size they must have. Out: the same bytes, or [CorruptContentException].
///
/// Never: knows what a blob means, or who still needs it.
///
/// The directory is an OCI image layout (`oci-layout`, `blobs/<algorithm>/<hex>`) with `ingest/` beside it, so other
/// tools can read it. A blob is synced before its name exists; a blob that exists is never written again.
@NullMarked
package dev.slipway.engine.content;

import org.jspecify.annotations.NullMarked;
