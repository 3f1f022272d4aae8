/// Decides which images go, so that disks do not fill up with what nobody needs any more, and counts what takes space.
///
/// Words: an image is *needed* as long as an object says so; a *candidate* is an Image object that nobody needs and
/// that may go; a *holder* of content is an object that would have to go before it; *collecting* an image frees what no
/// other one has; a *pass* is one look at the disk and at the candidates.
///
/// In: how full the file system is, candidates, settings, the time. Out: which images are to go and why, a word to
/// people when nothing can, and a report of what takes how much.
///
/// Never: removes an image or a volume; what repositories lose has no object, and goes at once. The controller of the
/// object does, in its round, and looks again whether it is needed.
///
/// Decisions:
///
/// - By age, what nobody has needed for longer than the maximum goes, however much room there is. By space, the longest
///   unused goes first, from the high threshold on and down to the low one, but nothing that has been unused for less
///   than the minimum. These are the rules of the kubelet.
/// - A file system without inodes can take no file, however much room it has: the same thresholds hold for them, where
///   they are counted. How many an image has is not known, so one goes at a time, until there are enough.
/// - What a removal frees is counted before anything is removed, layer by layer: what others share frees nothing.
/// - Manifests of served repositories that no tag leads to, no image of this host comes from and no Tag remembers go by
///   the same ages, before images do. Copies of other registries' repositories go with them, each as a whole.
/// - What no image has, *leftovers*, goes first: layers kept for the next build, and what unfinished pulls left.
/// - A pass writes nothing when nothing is to go. There is one every few minutes, and one whenever a pull or a build
///   has ended.
@NullMarked
package dev.slipway.actor.space;

import org.jspecify.annotations.NullMarked;
