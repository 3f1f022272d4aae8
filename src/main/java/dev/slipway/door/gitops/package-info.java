/// Keeps the store equal to directories of manifests: read, apply, prune, correct.
///
/// Words: a *source* is a watched directory; a *declaration* is one object as a file says it; the *inventory* is what a
/// source has applied, and which file declared it; to *prune* is to delete what no file declares any more; *drift* is a
/// change that somebody else made to a declared object.
///
/// In: files below the source's directory, and the store's watch. Out: server-side apply and deletes through the same
/// rules as a request over HTTP, with field manager `sync/<name>`; one `Sync` object a source, whose status holds the
/// inventory, the errors and the conditions; events.
///
/// Never: polls; follows a link out of the directory; reads anything but regular files; decides what a field means.
///
/// Invariants: what a file that cannot be read may declare is not pruned, nor is anything when the directory cannot be
/// read or is suddenly empty; what is pruned was missing for a second; an object is in the inventory before it is
/// applied.
///
/// Trade-off: each round reads all files of a source again, because a file's times do not tell reliably that it is
/// unchanged; an object is applied again only when its file has changed, it drifted, or it could not be applied.
@NullMarked
package dev.slipway.door.gitops;

import org.jspecify.annotations.NullMarked;
