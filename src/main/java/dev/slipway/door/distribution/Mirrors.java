package dev.slipway.door.distribution;

import dev.slipway.engine.oci.Repository;
import java.util.Optional;
import java.util.Set;

/// The registries that one of this host stands in for.
///
/// @param hosts what is not here is asked of them
record Mirrors(Set<String> hosts, PullThrough through) {
    /// The one repository that a request means, if that is another registry's which may be asked.
    Optional<Repository> mirrored(Meant meant) {
        return meant.isMirror()
                ? meant.repositories().stream()
                        .filter(repository -> hosts.contains(repository.host()))
                        .findFirst()
                : Optional.empty();
    }
}
