package dev.slipway.engine.device;

import dev.slipway.engine.device.EbpfAssembler.Register;

/// Compiles lists to programs of type `BPF_PROG_TYPE_CGROUP_DEVICE`, which end with 1 to allow and 0 to refuse.
public final class DeviceFilter {
    /// Of `struct bpf_cgroup_dev_ctx`: the kind in the lower half of the first word, the accesses in the upper one.
    private static final int KIND_AND_ACCESS_OFFSET = 0;
    private static final int MAJOR_OFFSET = 4;
    private static final int MINOR_OFFSET = 8;
    private static final int KIND_MASK = 0xffff;
    private static final int ACCESS_SHIFT = 16;

    private static final Register SCRATCH = Register.R0;
    private static final Register CONTEXT = Register.R1;
    private static final Register KIND = Register.R2;
    private static final Register ACCESS = Register.R3;
    private static final Register MAJOR = Register.R4;
    private static final Register MINOR = Register.R5;

    private DeviceFilter() {}

    /// @return an array of `struct bpf_insn`
    public static byte[] compile(DeviceList list) {
        EbpfAssembler assembler = new EbpfAssembler();
        int allow = assembler.exit(1);
        int next = assembler.exit(0);
        for (DeviceRule rule : list.rules().reversed()) {
            next = rule(assembler, rule, allow, next);
        }
        load(assembler);
        return assembler.program();
    }

    /// Leads to `allow` if the rule does, else to `next`.
    private static int rule(EbpfAssembler assembler, DeviceRule rule, int allow, int next) {
        assembler.jump(allow);
        if (!rule.allowsAll()) {
            assembler.ifDifferent(SCRATCH, 0, next);
            assembler.mask(SCRATCH, ~rule.bits());
            assembler.move(SCRATCH, ACCESS);
        }
        rule.minor().ifPresent(minor -> assembler.ifDifferent(MINOR, minor, next));
        rule.major().ifPresent(major -> assembler.ifDifferent(MAJOR, major, next));
        return assembler.ifDifferent(KIND, rule.kind().number(), next);
    }

    private static void load(EbpfAssembler assembler) {
        assembler.load(MINOR, CONTEXT, MINOR_OFFSET);
        assembler.load(MAJOR, CONTEXT, MAJOR_OFFSET);
        assembler.shift(ACCESS, ACCESS_SHIFT);
        assembler.load(ACCESS, CONTEXT, KIND_AND_ACCESS_OFFSET);
        assembler.mask(KIND, KIND_MASK);
        assembler.load(KIND, CONTEXT, KIND_AND_ACCESS_OFFSET);
    }
}
