package dev.slipway.engine.layer;

/// How large a layer may be, so that a small archive of a stranger cannot fill the disk.
///
/// @param bytes of all regular files together
/// @param entries files, directories and others
public record LayerLimits(long bytes, long entries) {
    /// 64 GiB, 4 million entries.
    public static final LayerLimits STANDARD = new LayerLimits(64L << 30, 4_000_000);
}
