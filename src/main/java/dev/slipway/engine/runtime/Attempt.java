package dev.slipway.engine.runtime;

import dev.slipway.engine.cgroup.CgroupName;
import dev.slipway.engine.oci.Digest;

/// One run of a container.
///
/// @param number 0 for the first, one more at each restart
/// @param id names the run on this host, for people: shown as `slipway://<id>`
/// @param image the manifest digest of what it runs
/// @param fingerprint of the [ContainerRequest] that it was started with; another fingerprint is another container
public record Attempt(
        ContainerName container, int number, String id, Digest image, String fingerprint, ContainerState state) {
    /// Where its processes are.
    public CgroupName cgroup() {
        return Run.cgroup(container, number);
    }
}
