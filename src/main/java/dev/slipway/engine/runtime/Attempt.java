package dev.slipway.engine.runtime;

import dev.slipway.engine.cgroup.CgroupName;
import dev.slipway.engine.oci.Digest;
import java.util.Map;

/// One run of a container.
///
/// @param number 0 for the first, one more at each restart
/// @param id names the run on this host, for people: shown as `slipway://<id>`
/// @param image the manifest digest of what it runs
/// @param mounted those of the images that it mounts, by where it does
/// @param fingerprint of the [ContainerRequest] that it was started with; another fingerprint is another container
public record Attempt(
        ContainerName container,
        int number,
        String id,
        Digest image,
        Map<String, Digest> mounted,
        String fingerprint,
        ContainerState state) {
    public Attempt {
        mounted = Map.copyOf(mounted);
    }

    /// One that mounts no images.
    public Attempt(
            ContainerName container, int number, String id, Digest image, String fingerprint, ContainerState state) {
        this(container, number, id, image, Map.of(), fingerprint, state);
    }

    /// Where its processes are.
    public CgroupName cgroup() {
        return Run.cgroup(container, number);
    }
}
