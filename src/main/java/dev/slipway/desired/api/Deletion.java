package dev.slipway.desired.api;

import java.util.Optional;

/// How an object shall be deleted.
///
/// @param graceSeconds for pods: time to end by themselves; empty leaves it to the pod
/// @param uid refuses when the object is another one by now; empty for no check
/// @param resourceVersion refuses when the object has changed; empty for no check
/// @param propagation what becomes of objects that it owns
public record Deletion(
        Optional<Long> graceSeconds, String uid, String resourceVersion, Propagation propagation, boolean dryRun) {
    public static final Deletion PLAIN = new Deletion(Optional.empty(), "", "", Propagation.BACKGROUND, false);

    /// What becomes of dependents.
    public enum Propagation {
        /// They are deleted after it.
        BACKGROUND,
        /// They are deleted before it.
        FOREGROUND,
        /// They stay, without an owner.
        ORPHAN
    }

    /// Of this very object, and no other of the same name.
    public Deletion of(String uid) {
        return new Deletion(graceSeconds, uid, resourceVersion, propagation, dryRun);
    }
}
