/// Objects by key under one growing resource version, in an embedded database; watches.
///
/// Words: a *write* creates, updates or deletes one object and gets the next *resource version*; a *commit* makes
/// one or more writes durable; *history* is the last writes, from which a *watch* can start.
///
/// In: whole objects under their key. Out: objects, lists as of one version, events in order.
///
/// Never: rules of a kind, finalizers, owners, selectors.
///
/// Invariants: an acknowledged write survives a power cut; versions never go back, also after a crash; what readers and
/// watches see is durable; nothing is written while nothing changes.
///
/// Secrets are encrypted on the disk, by keys that are not in the store's directory: a copy of the database alone tells
/// none. In memory everything is plain.
///
/// Trade-off: everything current is in memory. When work is over it is packed, to a fifth; who reads unpacks.
///
/// Trade-off: history lives in memory only: 2048 writes, at most 4 MiB. Watches from before a restart of the engine get
/// `410 Gone`.
@NullMarked
package dev.slipway.desired.store;

import org.jspecify.annotations.NullMarked;
