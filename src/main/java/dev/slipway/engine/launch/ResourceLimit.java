package dev.slipway.engine.launch;

/// One rlimit. What exceeds the host's own hard limit is cut to it, because only CAP_SYS_RESOURCE may raise that.
///
/// @param soft current limit, -1 for unlimited
/// @param hard ceiling, -1 for unlimited
/// @spec https://man7.org/linux/man-pages/man2/getrlimit.2.html getrlimit(2)
public record ResourceLimit(Resource resource, long soft, long hard) {
    public static final long UNLIMITED = -1;

    public ResourceLimit {
        if (Long.compareUnsigned(soft, hard) > 0) {
            throw new IllegalArgumentException("soft limit of " + resource + " exceeds the hard one");
        }
    }

    /// A resource; its number is its place in this list.
    public enum Resource {
        CPU,
        FSIZE,
        DATA,
        STACK,
        CORE,
        RSS,
        NPROC,
        NOFILE,
        MEMLOCK,
        AS,
        LOCKS,
        SIGPENDING,
        MSGQUEUE,
        NICE,
        RTPRIO,
        RTTIME
    }
}
