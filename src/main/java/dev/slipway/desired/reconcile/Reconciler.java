package dev.slipway.desired.reconcile;

import dev.slipway.desired.meta.ObjectKey;

/// Removes the difference between what is wanted and what is, for one object at a time.
///
/// Level-triggered: it is given a key, reads both sides itself, and may be called again at any time for any key; what
/// it did before must not matter. One worker owns a key, so two calls for the same key never overlap; calls for
/// different
/// keys do.
@FunctionalInterface
public interface Reconciler {
    /// @param key of an object that may exist, have changed, or be gone
    Result reconcile(ObjectKey key) throws InterruptedException;
}
