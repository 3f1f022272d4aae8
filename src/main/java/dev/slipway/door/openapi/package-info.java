/// Describes the kinds as OpenAPI v3 documents, from their Java classes.
///
/// Words: a *document* describes one group and version; a *schema* is one class in it; a *note* says in a schema how
/// two
/// versions of a list are merged.
///
/// In: kinds. Out: JSON.
///
/// Never: validation. What is refused is decided by strict decoding and by each kind; both read the same classes.
///
/// Documents are made when first asked for and given back when memory is short: kubectl asks once and keeps them under
/// their hash.
@NullMarked
package dev.slipway.door.openapi;

import org.jspecify.annotations.NullMarked;
