/// The OCI distribution protocol, served: others pull from this host and push to it.
///
/// Words: a *route* is what a path asks for; a *view* is what a registry shows: its own repositories, and behind them
/// the images that this host has built or pulled; an *upload* is a blob on its way in over several requests; the
/// *namespace* of a request (`ns`) is the registry that this one stands in for.
///
/// In: HTTP requests. Out: blobs, manifests, lists, and what the protocol says of a refusal.
///
/// Never: unpacks or runs what it is given; invents a digest; changes a byte of a blob or manifest.
///
/// Invariants:
///
/// - What is served has the digest that it is asked for by; what is stored has been read whole and has the digest that
///   the client announced.
/// - A registry hands a blob out only through a repository that has it. To know a digest is not a right to its bytes.
/// - An image that came with credentials, or was made from one that did, is shown to those who may pull with a token,
///   and to everybody only where the registry says so; what was fetched in another registry's stead, to those who ask
///   for that one, by the same rule.
/// - Who names no registry is given what this one has; where it has no such repository and stands in for one other
///   registry, what that one has: most clients of a mirror do not say in whose stead they ask it. For a tag, images of
///   this host come first only where an object has the name; others are given while that registry does not answer.
/// - What the other registry has about a manifest, as referrers or under the tag that clients keep for those, is listed
///   here as there; while it does not answer, what of it is here.
/// - A blob that is here only because somebody showed credentials for it is given in another registry's stead when that
///   has shown a piece of it; after a start, once again.
/// - Who pushes is not told that a part of his index is here when it is elsewhere only: he would not push it. Where
///   everybody may push, most only read: until something has come for a repository, nobody is taken for one who pushes.
/// - What is being sent was opened before, and reaches its client though it may be freed meanwhile.
/// - A client that trickles, or only keeps a connection, is given up; connections, requests, uploads and what is kept
///   in another registry's stead are counted ([Limits]).
/// - What a client leaves unfinished is gone an hour after it was last touched, or at a start of the engine.
/// - Plain HTTP is spoken on loopback only.
///
/// An image of this host is shown under its path (`acme/web` for `docker.io/acme/web`), by its manifest and not by the
/// index that it was chosen from: the index lists what is not here. By its digest the index can be had. Under the
/// registry's own name, and `localhost` with its port, what was pushed is shown, and what somebody has declared a Tag
/// or an Image of that name for: so what is deleted is gone at once, though a container of this host still runs it.
///
/// The specification's own conformance suite passes, for 1.0, 1.1 and its drafts, with tokens and without. What it
/// takes for optional and is left out: a blob is not mounted by its digest alone, and a manifest comes after its blobs.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md OCI Distribution Specification 1.1
@NullMarked
package dev.slipway.door.distribution;

import org.jspecify.annotations.NullMarked;
