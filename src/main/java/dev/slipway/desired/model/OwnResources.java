package dev.slipway.desired.model;

/// Limits beyond those that Kubernetes has, in `resources.limits` of a container. They change in place, as cpu and
/// memory do.
public final class OwnResources {
    public static final String PREFIX = OwnGroup.GROUP + "/";

    /// Processes and threads, at least 1.
    public static final String PIDS = PREFIX + "pids";

    /// Swap on top of the memory limit; without it there is none where memory is limited.
    public static final String SWAP = PREFIX + "swap";

    /// Share of a busy disk, 1 to 10000; containers without it have 100.
    public static final String IO_WEIGHT = PREFIX + "io-weight";

    public static final long LARGEST_IO_WEIGHT = 10_000;

    private OwnResources() {}
}
