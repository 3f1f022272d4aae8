package dev.slipway.engine.volume;

/// The group that the processes of a pod have in common, and that its volumes shall belong to: Kubernetes' `fsGroup`.
///
/// @spec https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ Kubernetes: Configure a Security
///     Context for a Pod or Container
public record VolumeGroup(int gid, ChangePolicy policy) {
    public VolumeGroup {
        if (gid < 0) {
            throw new IllegalArgumentException("group of volumes is negative: " + gid);
        }
    }

    /// Kubernetes' `fsGroupChangePolicy`.
    public enum ChangePolicy {
        ALWAYS,
        /// Only when the volume's root is not the group's already: large volumes are not read through each
        /// time.
        ON_ROOT_MISMATCH
    }
}
