/// Knows how registries are reached, and with which credentials.
///
/// Words: the *reach* of a registry is whether it answered last, and what was wrong.
///
/// In: Registries, and the Secrets that they and others name. Out: what the registry client goes by, what is served on
/// this host, and statuses.
///
/// Invariants:
///
/// - What a Registry object says counts for whoever asks that registry next, also right after a start of the engine.
/// - Who was refused, or did not get through, asks again as soon as the object or a Secret that it names is another.
/// - The engine trusts the certificate that it serves a registry of this host with, and reads it with a password that
///   nobody else has.
///
/// Never: pulls; shows what a Secret holds; asks a registry again and again whether it is there.
@NullMarked
package dev.slipway.actor.registry;

import org.jspecify.annotations.NullMarked;
