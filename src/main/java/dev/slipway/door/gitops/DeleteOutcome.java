package dev.slipway.door.gitops;

/// What became of a deletion.
public sealed interface DeleteOutcome {
    /// It is gone, or will be once its finalizers are.
    record Deleted() implements DeleteOutcome {}

    record Failed(String message) implements DeleteOutcome {}
}
