package dev.slipway.app;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The engine's settings, each from a system property `slipway.<name>`, the environment `SLIPWAY_<NAME>`, or the
/// default here. Rooms get small settings records made from it, never this mapping.
@ConfigMapping(prefix = "slipway")
interface SlipwayConfig {
    /// Directory of all that is durable.
    @WithDefault("/var/lib/slipway")
    Path root();

    /// Directory of sockets, pinned namespaces and run directories; on a tmpfs.
    @WithDefault("/run/slipway")
    Path run();

    /// Directories of manifests to keep this host equal to.
    Optional<List<Path>> manifests();

    /// Address and port of the TLS listener; `off` serves on the unix socket only.
    @WithDefault("127.0.0.1:7443")
    String listen();

    /// Name of the bridge that pods are attached to; empty: `slipway0`, or one derived from [#run] when that was moved.
    Optional<String> bridge();

    /// IPv4 network of the pods in CIDR notation; empty: the first of 10.88.0.0/16 to 10.127.0.0/16 that no route uses.
    Optional<String> subnet();

    /// Name of the engine's cgroup below each hierarchy's root; empty: `slipway`, or one derived from [#run].
    Optional<String> cgroup();

    /// Size in bytes at which a container's log is rotated.
    @WithDefault("10485760")
    long logMaxSizeBytes();

    /// How many log files of a container are kept, the current one counted.
    @WithDefault("5")
    int logMaxFiles();

    /// How many layers are pulled at a time.
    @WithDefault("3")
    int pullParallelism();
}
