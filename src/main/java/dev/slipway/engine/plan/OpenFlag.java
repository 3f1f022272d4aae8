package dev.slipway.engine.plan;

import java.util.List;

/// A flag of open(2).
enum OpenFlag {
    READ(0, 0),
    WRITE(1, 1),
    READ_WRITE(2, 2),
    CREATE(0100, 0100),
    EXCLUSIVE(0200, 0200),
    NOT_CONTROLLING(0400, 0400),
    NONBLOCK(04000, 04000),
    DIRECTORY(0200000, 040000),
    NOFOLLOW(0400000, 0100000),
    CLOSE_ON_EXEC(02000000, 02000000),
    PATH(010000000, 010000000);

    private final int x86;
    private final int arm;

    OpenFlag(int x86, int arm) {
        this.x86 = x86;
        this.arm = arm;
    }

    /// All of `flags`, with close-on-exec.
    static long bits(List<OpenFlag> flags, Architecture architecture) {
        long bits = CLOSE_ON_EXEC.x86;
        for (OpenFlag flag : flags) {
            bits |= switch (architecture) {
                case X86_64 -> flag.x86;
                case AARCH64 -> flag.arm;
            };
        }
        return bits;
    }
}
