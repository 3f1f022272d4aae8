/// The rules of the kinds that Kubernetes defines.
///
/// Words: those of the Kubernetes API reference.
///
/// In: objects as trees. Out: defaults written into them, broken rules, table cells.
///
/// Never: I/O. Error texts are Kubernetes' own, so that clients and people find what they know.
@NullMarked
package dev.slipway.desired.kind.kubernetes;

import org.jspecify.annotations.NullMarked;
