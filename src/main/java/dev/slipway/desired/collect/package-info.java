/// Deletes what belongs to what is gone: dependents of deleted owners, and everything in a deleted namespace.
///
/// Words: a *dependent* names its *owners* in `metadata.ownerReferences`; an owner that is deleted in the *foreground*
/// waits for its dependents; one that is deleted as an *orphaner* leaves them behind without a reference.
///
/// In: every write, by a watch. Out: deletions, through the one door.
///
/// Never: processes, files. Who has such to free holds a finalizer.
///
/// Invariants: a dependent goes only when each of its owners is known to be gone, by uid; an owner of a kind that is
/// not served counts as there. At start everything is looked at once, so that a kill at any instant loses nothing.
@NullMarked
package dev.slipway.desired.collect;

import org.jspecify.annotations.NullMarked;
