package dev.slipway.desired.reconcile;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.util.Collection;

/// A reconciler that owns the objects of one resource. [Controllers] gives it a round for each of them at start, when
/// one changes, and when something else changed that it says to depend on.
public interface Controller extends Reconciler {
    /// Whose objects it reconciles.
    GroupResource resource();

    /// The keys of own objects that a change of another object may concern; too many do no harm. An own object has
    /// its round by itself.
    ///
    /// @param changed as it is now, or as it was last when it is gone
    Collection<ObjectKey> concerned(ApiObject changed);
}
