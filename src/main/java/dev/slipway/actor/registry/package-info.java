/// Knows how registries are reached, and with which credentials.
///
/// Words: the *reach* of a registry is whether it answered last, and what was wrong.
///
/// In: Registries, and the Secrets that they and others name. Out: what the registry client goes by, what is served on
/// this host, and statuses.
///
/// Never: pulls; shows what a Secret holds; asks a registry again and again whether it is there.
@NullMarked
package dev.slipway.actor.registry;

import org.jspecify.annotations.NullMarked;
