package dev.slipway.desired.api;

/// How a write is meant.
///
/// @param manager who writes, for managed fields; empty for the engine's own bookkeeping, which owns nothing
/// @param dryRun computes and validates everything, and stores nothing
/// @param force for apply: takes fields over from other managers
/// @param subresource `status`, `resize`, `ephemeralcontainers`, or empty for the object itself
public record WriteOptions(
        String manager, FieldValidation validation, boolean dryRun, boolean force, String subresource) {

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
        return new WriteOptions(manager, FieldValidation.STRICT, false, false, "");
    }

    /// The engine's own write of a status.
    public static WriteOptions ownStatus() {
        return new WriteOptions("", FieldValidation.IGNORE, false, false, "status");
    }

    public boolean isStatus() {
        return subresource.equals("status");
    }
}
