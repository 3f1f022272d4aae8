/// Makes images step by step, one layer a step, without a Dockerfile.
///
/// Words: a *step* either brings files, and is one layer, or changes the config; a *selection* is what a step takes,
/// found on the host before anything is written; the *view* is the file system that the layers below show; a *plan* is
/// what a layer will hold, path by path; a *key* is the hash of all that decides what a layer holds.
///
/// In: a base image, steps, names. Out: a present image with those names, or why a step failed.
///
/// Never: runs a program of the host or of the image, decides when to build.
///
/// Invariants:
///
/// - The same inputs give the same digest, on every host. So a layer knows content, owners, modes and links of what
///   it takes, and not when or where: every file is as old as [TreeWriter#AGE], and an image does not say when it was
///   built.
/// - The image's own shape wins: where it has a directory or a link on the way to a place, files go through it.
/// - A layer whose key is known is not made again. Keys are kept in a directory of this room, and not in images,
///   because a stranger's image could claim any key.
/// - A build that finds everything writes nothing. One that fails leaves nothing.
@NullMarked
package dev.slipway.engine.build;

import org.jspecify.annotations.NullMarked;
