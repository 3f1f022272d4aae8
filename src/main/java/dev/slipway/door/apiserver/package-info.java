/// The Kubernetes HTTP API: discovery, reading, writing, watching, tables; and the way to logs and sessions.
///
/// Words: a *resource* is what a path names, a *part* of it is a subresource (`pods/log`); a *rendering* is the form in
/// which a client wants objects (whole, metadata, rows); a *selection* is what of a collection a request is about.
///
/// In: requests, which `door.http` has admitted and read. Out: replies, for every kind alike: what differs between
/// kinds is asked of them.
///
/// Never: rules of a kind, merging, deciding what a write means; that is [dev.slipway.desired.api.ObjectApi].
///
/// Invariants: an event loop never waits; a watch sleeps while nothing changes; what is not served is refused in words,
/// never ignored.
///
/// Clients are right: where documents and kubectl disagree, tests with the real kubectl decide.
@NullMarked
package dev.slipway.door.apiserver;

import org.jspecify.annotations.NullMarked;
