/// The rules of the kinds that keep a number of equal pods.
///
/// Words: those of the Kubernetes API reference; a *template* is what the pods are made of.
///
/// In: objects as trees. Out: defaults written into them, broken rules, table cells.
///
/// Never: I/O. What holds for a pod holds for a template, by the same code.
@NullMarked
package dev.slipway.desired.kind.workload;

import org.jspecify.annotations.NullMarked;
