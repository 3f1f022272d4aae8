/// Layer archive to tree and back, whiteouts.
///
/// Words: a *layer* is the difference that one step makes, as a tar archive; an *entry* is one file of it; a *whiteout*
/// marks a file of a lower layer as deleted, an *opaque* directory hides what lower layers have in it.
///
/// In: archives, from strangers. Out: trees as overlayfs wants its layers (a whiteout is a character device 0:0, an
/// opaque directory has an extended attribute), and archives of such trees.
///
/// Never: knows digests, images, where a tree belongs.
///
/// Invariant: nothing outside the tree is read, written or linked, whatever an archive says.
@NullMarked
package dev.slipway.engine.layer;

import org.jspecify.annotations.NullMarked;
