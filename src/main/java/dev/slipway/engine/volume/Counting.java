package dev.slipway.engine.volume;

/// Who finds out what a tree takes.
public enum Counting {
    /// The file system, which has counted every write, where it can.
    FILE_SYSTEM,
    /// A walk through all files.
    WALK
}
