/// Slipway's own kinds as Java records; their CRDs are generated from these.
///
/// Words: a *spec* is what a user writes; a description is said once, here, and appears in the CRD and in
/// `kubectl explain`.
///
/// In and out: JSON, by Jackson. Every field may be absent; defaults stand in `desired.kind`.
///
/// Plain records instead of the client library's `CustomResource`: the class would bring the whole client, for a base
/// class that holds metadata which `ApiObject` holds already.
@NullMarked
package dev.slipway.desired.model;

import org.jspecify.annotations.NullMarked;
