/// Pull, name, push and forget images.
///
/// Words: a *name* is a full reference with a tag that points at one image; *present* means that every blob is verified
/// and every layer unpacked; a *flight* is one fetch that several callers wait for; an image is *guarded* if it, or an
/// image that it was made from, came from a registry that wanted credentials for it.
///
/// In: references, credentials, policies. Out: [LocalImage], [PullOutcome] and [PushOutcome]. What a repository of this
/// host has is taken from there, and no registry is asked.
///
/// Never: starts anything, decides when to pull again, removes on its own accord.
///
/// A pull is one pass: each layer goes from the socket through the digest check into the content store and at the same
/// time through decompression into its tree; when all are there, those that need it are joined with those below them,
/// from the bottom up; what a start could not join, for lack of room, when the image is looked for. Nothing is visible
/// until digest, size and diffID are right. Packed blobs are kept, so that every present image can be served and
/// pushed; that costs the packed size on disk.
///
/// An image that turns out to be damaged, by a start or by a later look, is *lost*: not present any more, so that it
/// is pulled again, and still named in the file. Containers may run from it: what it has, or may have where its
/// documents cannot be read, stays over every start until it is pulled again, or somebody who knows of those
/// containers has it forgotten. A catalog that cannot be read is put aside, and nothing is freed until somebody
/// removes it.
///
/// What a guarded image brought is no gift to another repository whose manifest names it, for a digest is no secret:
/// a pull reads a piece of such a layer there, too, at a random place, and its config whole. What anybody may have, or
/// the same repository gave, is not asked for. A stranger who knows all of a layer but a small part may guess the piece
/// that he is asked for; to rule that out, the whole layer would have to travel.
///
/// Transfers are limited for each registry ([RegistryLanes]), so that one that is slow holds up nobody else's images:
/// four layers at a time of one registry, and each registry has a lane that the others cannot fill. For the same reason
/// a layer that two registries have is waited for at each of them.
///
/// A push of an index sends what the index lists, and a stranger wrote it. From this host it gets what its own
/// image and those have that were pulled as the same index, what another registry gave without credentials, and
/// what a repository of this host has beside it; all else is asked for where the image came from, or mounted
/// from there and from nowhere else, counted, and hashed as it passes. An index that cannot be had so is not
/// pushed: the image goes alone, and the outcome says why. What is about them, such as signatures, is neither
/// asked for nor pushed. One image may be of several indexes: that one is pushed by which it was pulled under
/// the name, and where that is not known, none of them, but one that is there stays.
@NullMarked
package dev.slipway.engine.image;

import org.jspecify.annotations.NullMarked;
