/// Layer archive to tree and back, whiteouts.
///
/// Words: a *layer* is the difference that one step makes, as a tar archive; an *entry* is one file of it; a
/// *whiteout* marks a file of a lower layer as deleted, an *opaque* directory hides what lower layers have in it.
///
/// In: archives, from strangers. Out: trees as overlayfs wants its layers (a whiteout is a character device 0:0, an
/// opaque directory has an extended attribute), and archives of such trees.
///
/// Never: knows digests, images, where a tree belongs.
///
/// Invariant: nothing outside the tree is read, written or linked, whatever an archive says. Names of an archive
/// are bytes that go to calls on open directories; those directories are resolved by the kernel with the tree as
/// root. They never become a path of the host.
///
/// Archives that are no layers and only carry files, such as that around an image, are unpacked by the same code and
/// with fewer rights: no whiteouts, no devices, no owners or modes of theirs. One whose tree is going to be put onto
/// another keeps owners, modes and devices, has no whiteouts, and says which directories it only implies.
///
/// Invariant: memory does not grow with a layer. What an archive can make this room keep is bounded: one extended
/// header (1 MiB), one map of a sparse file, 64 open directories, loose ends (8 MiB of names). Times of directories are
/// put back when a directory is let go, so no list of them is kept.
///
/// How an archive is read where formats and engines differ:
///
/// | case | here |
/// | --- | --- |
/// | an entry comes twice | the later replaces the earlier, with all below; directory and directory become one |
/// | whiteout and entry of one name in one layer | in any order: the entry stays, a directory becomes opaque |
/// | `.wh..wh.` something but `.opq` | nothing; a storage driver's own files |
/// | a directory on the way is missing | made: 0755, root, 1970; noted, so that it can be as it is in a lower layer |
/// | a directory on the way is a link | followed inside the tree; where it leads to is made if missing |
/// | a hard link to a file of a lower layer | noted; refused where nothing can be below |
/// | `..` in a name | goes up by one name; refused where it leaves the layer |
/// | absolute name or hard link | from the root of the layer |
/// | devices and pipes | made, as Docker and containerd do: what a container may open is not decided here |
/// | device 0:0, `trusted.overlay.*`, `user.overlay.*` | left out: overlayfs would take them for its own |
/// | an attribute that the file system does not keep | left out |
/// | more than 1000 directories inside one another | refused: whoever walks through a tree has a stack |
/// | holes of a sparse file | made; with them a layer may have eight times the bytes |
/// | an owner beyond 32 bits, or that means "unchanged" | refused |
/// | bytes behind the archive's end | read, for the digest, and ignored |
/// | bytes behind the last gzip member | zeros are ignored, anything else is refused |
/// | a global extended header | checked and ignored |
///
/// What the bytes of a packed tree depend on: names, types, content, owners, modes, links, attributes and whole seconds
/// of its files. Not on the order in which they were made, nor on the host and its file system. Of holes neither: a run
/// of zeros of at least 1 MiB between multiples of 64 KiB is left out, in the sparse format 1.0 of GNU tar, whether it
/// is a hole on the disk or was written; a file without such a run is a plain entry.
///
/// Each layer is a tree of its own, unpacked beside the others and shared by all images that have it. So what it says
/// of lower layers is not looked up here: it is left open, as [LooseEnds], which most layers do not have, and the room
/// of joints closes them for each stack that the layer is in.
@NullMarked
package dev.slipway.engine.layer;

import org.jspecify.annotations.NullMarked;
