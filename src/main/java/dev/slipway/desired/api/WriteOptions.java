package dev.slipway.desired.api;

/// How a write is meant.
///
/// @param manager which program writes, as it says itself, for managed fields; empty for the engine's own bookkeeping,
///     which owns nothing
/// @param user who writes, as far as he has shown who he is; empty for the engine
/// @param dryRun computes and validates everything, and stores nothing
/// @param force for apply: takes fields over from other managers
/// @param subresource `status`, `scale`, `resize`, `ephemeralcontainers`, or empty for the object itself
public record WriteOptions(
        String manager, String user, FieldValidation validation, boolean dryRun, boolean force, String subresource) {

    /// What becomes of fields that nobody knows.
    public enum FieldValidation {
        /// The write is refused.
        STRICT,
        /// They are dropped, with a warning each.
        WARN,
        /// They are dropped.
        IGNORE
    }

    /// A write of the object itself by a named writer.
    public static WriteOptions by(String manager) {
        return new WriteOptions(manager, "", FieldValidation.STRICT, false, false, "");
    }

    /// The engine's own write of a status.
    public static WriteOptions ownStatus() {
        return new WriteOptions("", "", FieldValidation.IGNORE, false, false, "status");
    }

    public boolean isStatus() {
        return subresource.equals("status");
    }
}
