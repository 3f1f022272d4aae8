package dev.slipway.engine.launch;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// What a process may do beyond its user's rights.
///
/// @param capabilities the bounding set. Root gets all of it at the start; another user only the ambient ones, until it
///     executes a file that grants more
/// @param ambient those of `capabilities` that another user has too: what somebody asked for by name, and none that is
///     there by default
/// @param noNewPrivileges setuid and file capabilities have no effect
/// @param appArmor the AppArmor profile that it is confined by; empty for that of the engine
public record Privileges(
        Set<Capability> capabilities,
        Set<Capability> ambient,
        boolean noNewPrivileges,
        SeccompProfile seccomp,
        Optional<String> appArmor) {
    /// With neither ambient capabilities nor an AppArmor profile.
    public Privileges(Set<Capability> capabilities, boolean noNewPrivileges, SeccompProfile seccomp) {
        this(capabilities, Set.of(), noNewPrivileges, seccomp, Optional.empty());
    }

    public Privileges {
        capabilities = Set.copyOf(capabilities);
        ambient = Set.copyOf(ambient);
        if (!capabilities.containsAll(ambient)) {
            throw new IllegalArgumentException("ambient capabilities are not all among the bounding ones");
        }
        appArmor.filter(profile -> profile.isBlank() || profile.indexOf('\n') >= 0)
                .ifPresent(profile -> {
                    throw new IllegalArgumentException("name of an AppArmor profile is blank or has several lines");
                });
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
