/// Joins layers with what is below them.
///
/// Words: *loose ends* are what a layer leaves open ([dev.slipway.engine.layer.LooseEnds]): directories without an
/// entry of their own, and hard links to files of lower layers; a *joint* is a small layer right on top of such a one
/// that says what it left open, and is good for this stack of layers only.
///
/// In: the loose ends of a layer, its tree, the trees below. Out: the tree of the joint.
///
/// Never: changes a layer, knows digests, decides where a joint is kept.
///
/// | left open | the joint has |
/// | --- | --- |
/// | a directory that is one below, too | the same, empty, with owner, mode, times and attributes of that below |
/// | a directory that is none below, or hides it | nothing: it is as the layer has made it |
/// | a hard link to a file below | a copy of the file at its place, and the link to that |
/// | a hard link to what is nowhere | refused, as in a layer alone |
///
/// Invariant: names of an archive lead nowhere but into the trees. All paths are followed name by name, each in an open
/// directory: of a target's path links are followed, with the merged layers as root; of all others a link is the end.
@NullMarked
package dev.slipway.engine.joint;

import org.jspecify.annotations.NullMarked;
