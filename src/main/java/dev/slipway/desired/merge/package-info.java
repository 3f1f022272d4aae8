/// How a change meets an object: JSON patch, merge patch, strategic merge patch, server-side apply.
///
/// Words: a *patch* is a document that says what shall change; a *field set* is a set of paths; a *manager* is who
/// wrote
/// a field, by applying (declaring all it wants) or by updating; a *conflict* is a declared value that somebody else's
/// field contradicts; a *keyed* list has items that are told apart by key fields.
///
/// In: JSON trees. Out: JSON trees, field sets, conflicts.
///
/// Never: I/O, clocks, rules of a kind beyond the merge keys in [dev.slipway.desired.merge.MergeSchema].
///
/// Invariant: nothing here changes its arguments.
@NullMarked
package dev.slipway.desired.merge;

import org.jspecify.annotations.NullMarked;
