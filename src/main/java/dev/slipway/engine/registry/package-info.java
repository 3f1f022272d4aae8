/// The OCI distribution protocol, as a client.
///
/// Words: a *registry* is a host that speaks the protocol; a *mirror* is another endpoint that is asked first for the
/// same
/// repository; a *keyring* ([Keyring]) holds credentials and where they may be shown; a *realm* is where a registry
/// sends
/// for tokens.
///
/// In: repositories, tags, digests, and what is to be pushed. Out: manifests and streams of bytes, or
/// [RegistryException] with its kind.
///
/// Never: believes a digest (the reader of a blob checks it), keeps content, decides whether to try an image again.
///
/// A registry sends its clients nowhere that is nearer to this host than itself ([Redirection]), and to nothing
/// but HTTP.
///
/// Credentials go to the host they were given for and to nobody else: not across a redirect, not to a realm that the
/// host has no claim to. Plain HTTP is spoken with loopback addresses, or where the settings say so.
@NullMarked
package dev.slipway.engine.registry;

import org.jspecify.annotations.NullMarked;
