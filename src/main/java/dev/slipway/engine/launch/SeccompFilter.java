package dev.slipway.engine.launch;

import dev.slipway.engine.seccomp.DefaultFilter;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// Turns a profile into the program that the kernel runs at each system call of the container. Safe for use by many
/// threads.
public final class SeccompFilter {
    private static final byte[] NONE = {};

    private SeccompFilter() {}

    /// @param capabilities the bounding set: a capability is worth nothing without the calls that need it
    /// @return an array of `struct sock_filter`, empty if everything is allowed; shared with others, so not to be
    ///     changed
    public static byte[] compile(SeccompProfile profile, Set<Capability> capabilities) {
        return switch (profile) {
            case SeccompProfile.Unconfined unconfined -> NONE;
            case SeccompProfile.Compiled compiled -> compiled.bytes();
            case SeccompProfile.RuntimeDefault standard -> Standard.program(capabilities);
        };
    }

    /// Reads the table when the first container starts. Compiling takes longer than all other planning of a start, and
    /// nearly all containers have one of a few sets of capabilities: the first of those are kept.
    private static final class Standard {
        private static final int MOST_KEPT = 32;
        private static final DefaultFilter FILTER = DefaultFilter.ofThisMachine();
        private static final Map<Set<Capability>, byte[]> KEPT = new ConcurrentHashMap<>();

        static byte[] program(Set<Capability> capabilities) {
            byte[] kept = KEPT.get(capabilities);
            if (kept != null) {
                return kept;
            }
            byte[] program =
                    FILTER.compile(capabilities.stream().map(Enum::name).collect(Collectors.toUnmodifiableSet()));
            if (KEPT.size() < MOST_KEPT) {
                KEPT.put(Set.copyOf(capabilities), program);
            }
            return program;
        }
    }
}
