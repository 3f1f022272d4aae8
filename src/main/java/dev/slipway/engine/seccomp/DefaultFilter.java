package dev.slipway.engine.seccomp;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Compiles the default filter. Safe for use by many threads.
public final class DefaultFilter {
    private static final int SECCOMP_RET_KILL_PROCESS = 0x80000000;
    private static final int SECCOMP_RET_ALLOW = 0x7fff0000;
    private static final int SECCOMP_RET_ERRNO = 0x00050000;
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;

    private static final int NUMBER_OFFSET = 0;
    private static final int ARCHITECTURE_OFFSET = 4;
    /// The low word of the first argument. The kernel ignores the high one for all arguments judged here.
    private static final int ARGUMENT_OFFSET = 16;

    /// CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET.
    /// clone(2) has no flag for a time namespace.
    private static final int NAMESPACE_FLAGS = 0x7E020000;
    /// PER_LINUX, PER_LINUX32, both with UNAME26, and the question which one is set.
    private static final List<Integer> PERSONALITIES = List.of(0, 0x8, 0x20000, 0x20008, 0xffffffff);

    private static final int AF_ALG = 38;
    private static final int AF_VSOCK = 40;

    private final SyscallTable table;
    private final List<Architecture> architectures;

    DefaultFilter(SyscallTable table, List<Architecture> architectures) {
        this.table = table;
        this.architectures = architectures;
    }

    /// For programs of this machine.
    public static DefaultFilter ofThisMachine() {
        return new DefaultFilter(SyscallTable.read(), Architecture.of(System.getProperty("os.arch")));
    }

    /// @param capabilities the bounding set, by names without `CAP_`
    /// @return an array of `struct sock_filter`
    public byte[] compile(Set<String> capabilities) {
        BpfAssembler assembler = new BpfAssembler();
        int next = assembler.ret(SECCOMP_RET_KILL_PROCESS);
        for (Architecture architecture : architectures.reversed()) {
            int tree = tree(assembler, ranges(architecture, capabilities));
            int own = assembler.load(NUMBER_OFFSET, tree);
            next = assembler.ifEqual(architecture.audit(), own, next);
        }
        int ignored = assembler.load(ARCHITECTURE_OFFSET, next);
        return assembler.program();
    }

    /// Numbers from `first` up to the next range, all of one verdict.
    private record Range(int first, Verdict verdict) {}

    private List<Range> ranges(Architecture architecture, Set<String> capabilities) {
        List<Range> ranges = new ArrayList<>();
        int next = 0;
        for (SyscallTable.Row row : table.of(architecture)) {
            int number = row.number(architecture);
            if (number > next) {
                extend(ranges, new Range(next, Verdict.ABSENT));
            }
            extend(ranges, new Range(number, row.verdict(capabilities)));
            next = number + 1;
        }
        extend(ranges, new Range(next, Verdict.ABSENT));
        return ranges;
    }

    private static void extend(List<Range> ranges, Range range) {
        if (ranges.isEmpty() || ranges.getLast().verdict() != range.verdict()) {
            ranges.add(range);
        }
    }

    private static int tree(BpfAssembler assembler, List<Range> ranges) {
        if (ranges.size() == 1) {
            return judgement(assembler, ranges.getFirst().verdict());
        }
        int middle = ranges.size() / 2;
        int above = tree(assembler, ranges.subList(middle, ranges.size()));
        int below = tree(assembler, ranges.subList(0, middle));
        return assembler.ifAtLeast(ranges.get(middle).first(), above, below);
    }

    private static int judgement(BpfAssembler assembler, Verdict verdict) {
        return switch (verdict) {
            case ALLOWED -> allow(assembler);
            case REFUSED -> refuse(assembler);
            case ABSENT -> assembler.ret(SECCOMP_RET_ERRNO | ENOSYS);
            case NO_NAMESPACES ->
                argument(assembler, assembler.ifAnyOf(NAMESPACE_FLAGS, refuse(assembler), allow(assembler)));
            case USUAL_PERSONALITY -> argument(assembler, anyPersonality(assembler));
            case USUAL_FAMILY ->
                argument(
                        assembler,
                        assembler.ifEqual(
                                AF_ALG,
                                refuse(assembler),
                                assembler.ifEqual(AF_VSOCK, refuse(assembler), allow(assembler))));
        };
    }

    private static int anyPersonality(BpfAssembler assembler) {
        int next = refuse(assembler);
        for (int personality : PERSONALITIES) {
            next = assembler.ifEqual(personality, allow(assembler), next);
        }
        return next;
    }

    private static int argument(BpfAssembler assembler, int next) {
        return assembler.load(ARGUMENT_OFFSET, next);
    }

    private static int allow(BpfAssembler assembler) {
        return assembler.ret(SECCOMP_RET_ALLOW);
    }

    private static int refuse(BpfAssembler assembler) {
        return assembler.ret(SECCOMP_RET_ERRNO | EPERM);
    }
}
