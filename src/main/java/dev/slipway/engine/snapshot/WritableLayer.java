package dev.slipway.engine.snapshot;

import java.nio.file.Path;

/// Where a container's writes go.
///
/// @param upper what it wrote
/// @param work empty, for overlayfs, on the same file system
public record WritableLayer(Path upper, Path work) {}
