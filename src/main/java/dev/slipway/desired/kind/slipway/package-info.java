/// The rules of Slipway's own kinds, and the list of all kinds that are served.
///
/// Words: those of [dev.slipway.desired.model].
///
/// In: objects as trees. Out: defaults written into them, broken rules, table cells.
///
/// Never: I/O.
@NullMarked
package dev.slipway.desired.kind.slipway;

import org.jspecify.annotations.NullMarked;
