package dev.slipway.engine.seccomp;

import java.util.List;

/// A set of system call numbers, as the kernel names it to a filter.
///
/// @spec https://github.com/torvalds/linux/blob/master/include/uapi/linux/audit.h AUDIT_ARCH_*
enum Architecture {
    X86_64(0xC000003E),
    I386(0x40000003),
    AARCH64(0xC00000B7),
    ARM(0x40000028);

    private final int audit;

    Architecture(int audit) {
        this.audit = audit;
    }

    /// The value of `seccomp_data.arch`.
    int audit() {
        return audit;
    }

    /// What programs a machine can run, its own architecture first.
    ///
    /// @param machine as Java names it (`os.arch`)
    static List<Architecture> of(String machine) {
        return switch (machine) {
            case "amd64", "x86_64" -> List.of(X86_64, I386);
            case "aarch64" -> List.of(AARCH64, ARM);
            default -> throw new IllegalArgumentException("no table of system calls for machine " + machine);
        };
    }
}
