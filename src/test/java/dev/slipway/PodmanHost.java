package dev.slipway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What makes a host of tests one that Debian's podman and crun run on.
public final class PodmanHost {
    /// Shell, for a private mount namespace: crun refuses to see the unified hierarchy beside those of version 1,
    /// and what it writes in its place goes with the namespace.
    public static final String HIDE_UNIFIED = """
            if mountpoint -q /sys/fs/cgroup/unified; then
              umount /sys/fs/cgroup/unified && mount -t tmpfs none /sys/fs/cgroup/unified || exit 1
            fi
            """;

    private PodmanHost() {}

    /// @return settings for `CONTAINERS_CONF`, in `directory`
    public static Path configure(Path directory) throws IOException {
        return Files.writeString(directory.resolve("containers.conf"), """
                [containers]
                default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
                [engine]
                runtime = "crun"
                events_logger = "file"
                """);
    }
}
