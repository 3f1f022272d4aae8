package dev.slipway.engine.layer;

/// What a layer holds, counted.
///
/// @param entries files, directories and others, without whiteouts
/// @param bytes content of its regular files
/// @param whiteouts files of lower layers that it deletes, opaque directories counted as one
public record LayerContents(long entries, long bytes, long whiteouts) {}
