/// Stacks layers into root file systems.
///
/// Words: a *layer directory* is one unpacked layer, shared by all images that have it, and never changed; a *writable
/// layer* takes what one container writes; a *staging* is a layer directory that nobody sees yet; a layer is *durable*
/// when it is known to survive a power cut; a *joint* closes what a layer leaves open on top of certain others.
///
/// In: diffIDs, keys of writable layers. Out: directories for overlayfs.
///
/// Never: mounts anything, reads archives, knows who uses a layer.
///
/// ```
/// <root>/snapshots/boot                            id of the boot in which layers without `durable` were made
/// <root>/snapshots/layers/<hex of diffID>/tree     one layer
/// <root>/snapshots/layers/<hex of diffID>/loose    what it leaves open; most layers have no such file
/// <root>/snapshots/layers/<hex of diffID>/durable  empty file: the tree is on the disk
/// <root>/snapshots/layers/<hex of chain ID>/...    a joint, as a layer
/// <root>/snapshots/staging/<n>/tree                a layer on its way; also what is being removed
/// <root>/snapshots/writable/<key>/{upper,work}
/// ```
///
/// **A power cut.** A layer appears by one rename, after its last file was written, and nothing is synced on the way:
/// syncing is what a pull would wait for longest. A killed engine loses nothing by that, because the kernel still has
/// the pages. A host that goes down may keep the rename and lose the bytes. So a layer is trusted when it is marked
/// durable, which happens in the background after a sync of the file system that began after the rename, or when it was
/// made in the running boot. [Snapshots#open] removes all others before it writes the id of the running boot; whoever
/// has such a layer in an image finds it missing and unpacks it again from the blob, which was synced. The mark needs
/// no sync itself: if it is lost, a good layer is made once more. It lies beside the tree, so that it comes and goes
/// with it by one rename, and a removal is synced before it frees the first file: no mark outlives its tree.
///
/// **Joints.** A layer's tree is known by its diffID alone and shared by all images that have it. Few need what is
/// below them (hard links to it, directories that are as they are there); for these a small tree of that is stacked
/// right above, which depends on all layers up to there and so is named by their chain ID. It is kept, synced and
/// removed as a layer, and belongs to every image whose layers begin with that chain. A layer that leaves nothing open
/// costs one look for the file that would say so.
///
/// **What protects a layer.** Not its modes, which belong to the image. `snapshots` is 0700, so that no user of the
/// host reaches set-uid files of an image; overlayfs never writes to its lower directories; and no code of this house
/// opens
/// one for writing after its commit.
///
/// **What a writable layer takes** is counted by the file system where it has project quotas: upper, work and all that
/// overlayfs moves between them are of one project ([Snapshots#counted]).
///
/// Overlayfs does not look at the opaque mark of a root directory: [Snapshots#lowers] ends the stack there instead.
@NullMarked
package dev.slipway.engine.snapshot;

import org.jspecify.annotations.NullMarked;
