package dev.slipway.engine.launch;

import dev.slipway.engine.seccomp.DefaultFilter;
import java.util.Set;
import java.util.stream.Collectors;

/// Turns a profile into the program that the kernel runs at each system call of the container.
public final class SeccompFilter {
    private static final byte[] NONE = {};

    private SeccompFilter() {}

    /// @param capabilities the bounding set: a capability is worth nothing without the calls that need it
    /// @return an array of `struct sock_filter`, empty if everything is allowed
    public static byte[] compile(SeccompProfile profile, Set<Capability> capabilities) {
        return switch (profile) {
            case SeccompProfile.Unconfined unconfined -> NONE;
            case SeccompProfile.Compiled compiled -> compiled.bytes();
            case SeccompProfile.RuntimeDefault standard ->
                Compiler.DEFAULT.compile(capabilities.stream().map(Enum::name).collect(Collectors.toUnmodifiableSet()));
        };
    }

    /// Reads the table when the first container starts.
    private static final class Compiler {
        private static final DefaultFilter DEFAULT = DefaultFilter.ofThisMachine();
    }
}
