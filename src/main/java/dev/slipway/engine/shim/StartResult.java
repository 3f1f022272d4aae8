package dev.slipway.engine.shim;

import dev.slipway.engine.linux.Errno;
import java.time.Instant;

/// How a start ended.
public sealed interface StartResult {
    /// The program was executed: it runs, or has ended already (then its exit follows).
    ///
    /// @param pid of the container's first process, on the host
    record Started(int pid, Instant startedAt) implements StartResult {}

    /// A step was refused and nothing of the container is left.
    ///
    /// @param step what was to be done, for instance `mount overlay on /`
    /// @param reason which sort of failure it is, as far as callers tell them apart
    /// @param words the whole failure for people: `execute /bin/nope: no such file or directory (ENOENT)`
    record Failed(String step, Errno errno, Reason reason, String words) implements StartResult {}

    /// What a caller may want to tell apart.
    enum Reason {
        /// The program is not there or not executable: the manifest or the image is wrong. Docker's exit codes
        /// 126,
        /// 127.
        PROGRAM,
        /// The file system of something that is mounted does not support idmapped mounts, and will not before
        /// another
        /// kernel runs.
        NO_IDMAP,
        /// Anything else: mounts, namespaces, cgroups.
        ENVIRONMENT
    }
}
