/// The rules of each kind: names, defaults, validation, columns.
///
/// Words: to *complete* an object is to write its defaults into it; a *finding* is a broken rule with the path of its
/// field; a *place* is a value in an object with its path, which rules look at; an *ignored* field is one that
/// Kubernetes knows and Slipway does not enforce yet; *strict* decoding refuses fields that nobody knows.
///
/// In: objects as trees. Out: completed trees, findings, table cells.
///
/// Never: I/O, and nothing of how an object becomes real.
///
/// A kind is one class: those of Kubernetes in `kind.kubernetes`, our own in `kind.slipway`, where also the list of all
/// stands.
@NullMarked
package dev.slipway.desired.kind;

import org.jspecify.annotations.NullMarked;
