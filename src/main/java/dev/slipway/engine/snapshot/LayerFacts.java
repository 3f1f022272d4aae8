package dev.slipway.engine.snapshot;

/// What one layer is as a part of a stack.
///
/// @param bytes what it takes on disk, a file with several names counted once
/// @param whiteouts how many things of lower layers it hides: deleted ones, and directories that show nothing below
/// @param hiddenBytes how much of `bytes` no container sees, because a layer above deletes or replaces it
public record LayerFacts(long bytes, int whiteouts, long hiddenBytes) {}
