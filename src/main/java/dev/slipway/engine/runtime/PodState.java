package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A pod as it is.
///
/// @param sandbox absent before it was made and when it was lost (host restarted, network namespace removed)
/// @param attempts those not yet removed, of all containers
public record PodState(PodUid uid, Optional<Sandbox> sandbox, List<Attempt> attempts) {
    public PodState {
        attempts = List.copyOf(attempts);
    }

    /// The last attempt of a container.
    public Optional<Attempt> latest(String container) {
        return attempts.stream()
                .filter(attempt -> attempt.container().name().equals(container))
                .max(Comparator.comparingInt(Attempt::number));
    }

    /// What the containers of a pod share.
    ///
    /// @param address of the pod; the host's own with host network, empty where it has a loopback alone
    /// @param users which users of the host the pod's are; empty when they are the same
    public record Sandbox(String address, Optional<Users> users) {
        /// With the host's users.
        public Sandbox(String address) {
            this(address, Optional.empty());
        }
    }

    /// @param firstHostId what user 0 of the pod is on the host, and group 0
    /// @param size how many there are
    public record Users(int firstHostId, int size) {}
}
