/// Makes images step by step, one layer a step.
///
/// Words: a *stage* is steps on one base; a *step* either changes files, and is one layer, or changes the config; an
/// *action* is what a step does to files; a *selection* is what an action copies, found before anything is written; a
/// *key* is the hash of all that decides what a layer holds; a *difference* is the tree of a layer in the making, with
/// the marks of overlayfs.
///
/// In: stages, the images that they name, names. Out: a present image with those names, or why a step failed; a log.
///
/// Never: runs a program of the host, decides when to build.
///
/// Invariants:
///
/// - A program runs as a container of a pod that no object declares, so it has no rights that a container does not
///   have, and what a killed engine leaves of it is found and removed as that of any pod that was deleted meanwhile.
/// - A program has its share of the host and its time, and is killed beyond them; neither is a part of a key.
/// - The same inputs give the same digest, on every host, as far as programs do. So a layer knows content, owners,
///   modes and links of what it holds, and not when or where: every file is as old as
///   [dev.slipway.engine.tree.TreeWriter#AGE], and an image does not say when it was built. Programs are told so by
///   `SOURCE_DATE_EPOCH`.
/// - The image's own shape wins: where it has a directory or a link on the way to a place, files go through it.
/// - The working directory that a config step names is a directory of the image, and root's, before any layer has it.
/// - An archive that is added is a stranger's: it is unpacked aside, within the limits of layers, and then put in place
///   as files are copied.
/// - A layer whose key is known is not made again. Keys are kept in a directory of this room, and not in images,
///   because a stranger's image could claim any key. What a program does is known by its arguments, variables, user and
///   the layers below it, and not by what it reads from the network.
/// - A build that finds everything writes nothing. One that fails leaves no image and nothing of the step that failed;
///   the layers before it stay until the next try, or until there will be none.
@NullMarked
package dev.slipway.engine.build;

import org.jspecify.annotations.NullMarked;
