/// Trees of files as values: looked at, chosen from, planned and written.
///
/// Words: a *source tree* is a directory, or the merged layers of an image, that files are taken from; a *node* is one
/// file of whatever type, without its times; a *view* is what the layers below show; a *plan* is what a layer will
/// hold, path by path.
///
/// In: directories of this host, layers. Out: nodes, and trees in directories that the caller gives.
///
/// Never: decides what a step of a build takes, follows a link out of a tree, runs a program.
///
/// Times are no part of a node: every file that is written here is one second older than 1970 began, so that equal
/// nodes make equal trees.
@NullMarked
package dev.slipway.engine.tree;

import org.jspecify.annotations.NullMarked;
