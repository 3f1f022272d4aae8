/// Repositories that are kept on this host for others: what was pushed here, and what was fetched for somebody.
///
/// Words: a *repository* has manifests, and tags that each point at one of them; a manifest *needs* its config, its
/// layers, or the manifests that it lists; a *lease* is a promise to keep a blob for a repository for a while, though
/// no manifest needs it yet; a blob is *claimed* while a manifest needs it or a lease holds it; a manifest is *unused*
/// from the moment on at which no tag leads to it: directly, by an index, or because it is about one that a tag leads
/// to.
///
/// In: manifests whose parts are here. Out: what repositories hold, and whether content is claimed.
///
/// Never: stores a blob itself, unpacks an image, frees anything.
///
/// Invariants:
///
/// - A manifest is in a repository only with everything that it needs.
/// - A tag moves in one step, together with the manifest that it then points at.
/// - A blob that somebody was told is here stays here for as long as its lease: [Repositories#unlessClaimed] and
///   [Repositories#lease] exclude each other.
///
/// - What is unused goes when somebody asks for that, for a repository at a time and in one step, but for what a client
///   fetches or was told of; a lease ends with the manifest that it was given for, or after an hour.
///
/// ```
/// <root>/repositories/<host>/<path>/_repository.json    one repository: its manifests, its tags, and who pushed these
/// ```
///
/// The file's time is that of the last use.
/// No part of a repository's path begins with an underscore, so the name of the file is nobody's. Leases are in memory:
/// after a start of the engine, an upload begins again.
@NullMarked
package dev.slipway.engine.repository;

import org.jspecify.annotations.NullMarked;
