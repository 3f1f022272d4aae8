/// Copies files out of containers and into them, as tar archives.
///
/// Words: the *root* is what the container sees as `/`, volumes and all; an *outgoing* copy is one file or tree of it
/// as an archive; an *incoming* archive is unpacked in a directory of it; *owners* are told as the container counts
/// them; of a root *at rest*, whose container does not run, what a volume hides when it does is *absent*.
///
/// In: roots of containers, paths in them, archives of clients. Out: archives of clients, files in containers.
///
/// Never: runs anything in the container, which need not have a tar or a shell; follows a link out of the root.
///
/// Invariants: every path is resolved by the kernel with the container's root as `/` (openat2(2), `RESOLVE_IN_ROOT`),
/// however fast the container moves things about meanwhile. A file is not opened before it is known to be a regular
/// one. What is made belongs to users that the container has, and is given to them by its descriptor: whatever takes
/// its name meanwhile is not touched. A tree takes memory by its depth, which has a bound. An archive that has an end
/// is whole.
///
/// Nothing is copied from or to what is absent: it would be something else than the same path leads to later.
///
/// What is left out: extended attributes, device nodes and sockets, and, when all of the root is asked for, what is
/// mounted on `/proc`, `/sys` and `/dev`.
@NullMarked
package dev.slipway.engine.copy;

import org.jspecify.annotations.NullMarked;
