package dev.slipway.engine.launch;

import java.util.EnumSet;
import java.util.Set;

/// What a process may do beyond its user's rights.
///
/// @param capabilities the bounding set. Root gets all of it at the start; another user none of it until it executes a
///     file that grants some, as Docker and Kubernetes have it.
/// @param noNewPrivileges setuid and file capabilities have no effect
public record Privileges(Set<Capability> capabilities, boolean noNewPrivileges, SeccompProfile seccomp) {
    public Privileges {
        capabilities = Set.copyOf(capabilities);
    }

    /// Docker's default capabilities and the default filter.
    public static Privileges standard() {
        return new Privileges(Capability.STANDARD, false, SeccompProfile.RUNTIME_DEFAULT);
    }

    /// Everything that this host's root may do.
    public static Privileges privileged() {
        return new Privileges(EnumSet.allOf(Capability.class), false, SeccompProfile.UNCONFINED);
    }
}
