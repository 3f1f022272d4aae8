package dev.slipway.engine.seccomp;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// What a profile that people wrote says for one set of capabilities, ready to be compiled.
///
/// @param fallback for calls that no rule is about
/// @param architectures whose programs may run, beside this machine's own
/// @param rules in the order of the profile: the first one that fits a call decides
record SeccompRules(Answer fallback, Set<Architecture> architectures, List<Rule> rules) {
    private static final int SECCOMP_RET_KILL_PROCESS = 0x80000000;
    private static final int SECCOMP_RET_ERRNO = 0x00050000;
    private static final int ENOSYS = 38;
    private static final int NUMBER_OFFSET = 0;
    private static final int ARCHITECTURE_OFFSET = 4;
    private static final int ARGUMENTS_OFFSET = 16;
    private static final int X32 = 0x40000000;

    SeccompRules {
        architectures = Set.copyOf(architectures);
        rules = List.copyOf(rules);
    }

    /// The value that a filter returns.
    ///
    /// @param allows whether the call is made, be it with a note
    record Answer(int value, boolean allows) {}

    /// @param conditions that all hold
    record Rule(Set<String> names, List<Condition> conditions, Answer answer) {
        Rule {
            names = Set.copyOf(names);
            conditions = List.copyOf(conditions);
        }
    }

    /// @param argument its place, from 0
    /// @param value what it is compared with; for `MASKED_EQ` the mask
    /// @param masked what is left under the mask
    record Condition(int argument, Operator operator, long value, long masked) {}

    enum Operator {
        NE,
        LT,
        LE,
        EQ,
        GE,
        GT,
        MASKED_EQ
    }

    /// @param machine as Java names it (`os.arch`)
    /// @return an array of `struct sock_filter`
    /// @throws IllegalArgumentException when the kernel would not take so many instructions
    byte[] compile(SyscallTable table, String machine) {
        List<Architecture> all = Architecture.of(machine).stream()
                .filter(each -> each == Architecture.of(machine).getFirst() || architectures.contains(each))
                .toList();
        BpfAssembler assembler = new BpfAssembler();
        int next = assembler.ret(SECCOMP_RET_KILL_PROCESS);
        for (Architecture architecture : all.reversed()) {
            int tree = tree(assembler, ranges(table, architecture));
            next = assembler.ifEqual(architecture.audit(), assembler.load(NUMBER_OFFSET, tree), next);
        }
        int ignored = assembler.load(ARCHITECTURE_OFFSET, next);
        try {
            return assembler.program();
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException("it is too long: " + e.getMessage(), e);
        }
    }

    /// Numbers from `first` up to the next range, all judged by the same rules.
    private record Range(int first, List<Rule> chain, Answer otherwise) {}

    /// A call that is newer than all that the profile names is none, so that programs fall back to one that it
    /// does.
    private List<Range> ranges(SyscallTable table, Architecture architecture) {
        TreeMap<Integer, List<Rule>> chains = new TreeMap<>();
        for (SyscallTable.Row row : table.of(architecture)) {
            List<Rule> chain = rules.stream()
                    .filter(rule -> rule.names().contains(row.name()))
                    .toList();
            if (!chain.isEmpty()) {
                chains.put(row.number(architecture), chain);
            }
        }
        Answer absent = new Answer(SECCOMP_RET_ERRNO | ENOSYS, false);
        List<Range> ranges = new ArrayList<>();
        int next = 0;
        for (var entry : chains.entrySet()) {
            if (entry.getKey() > next) {
                extend(ranges, new Range(next, List.of(), fallback));
            }
            extend(ranges, new Range(entry.getKey(), entry.getValue(), fallback));
            next = entry.getKey() + 1;
        }
        extend(ranges, new Range(next, List.of(), fallback.allows() ? fallback : absent));
        if (architecture == Architecture.X86_64) {
            extend(ranges, new Range(X32, List.of(), absent));
        }
        return ranges;
    }

    private static void extend(List<Range> ranges, Range range) {
        if (ranges.isEmpty()
                || !ranges.getLast().chain().equals(range.chain())
                || !ranges.getLast().otherwise().equals(range.otherwise())) {
            ranges.add(range);
        }
    }

    private static int tree(BpfAssembler assembler, List<Range> ranges) {
        if (ranges.size() == 1) {
            return judgement(assembler, ranges.getFirst());
        }
        int middle = ranges.size() / 2;
        int above = tree(assembler, ranges.subList(middle, ranges.size()));
        int below = tree(assembler, ranges.subList(0, middle));
        return assembler.ifAtLeast(ranges.get(middle).first(), above, below);
    }

    private static int judgement(BpfAssembler assembler, Range range) {
        int next = assembler.ret(range.otherwise().value());
        for (Rule rule : range.chain().reversed()) {
            int fits = assembler.ret(rule.answer().value());
            for (List<Condition> all : alternatives(rule.conditions()).reversed()) {
                int label = fits;
                for (Condition condition : all.reversed()) {
                    label = condition(assembler, condition, label, next);
                }
                next = label;
            }
        }
        return next;
    }

    /// All must hold; but of several about one argument, one is enough: no call has two values there.
    private static List<List<Condition>> alternatives(List<Condition> conditions) {
        Set<Integer> arguments = new HashSet<>();
        boolean repeats = conditions.stream().anyMatch(each -> !arguments.add(each.argument()));
        return repeats ? conditions.stream().map(List::of).toList() : List.of(conditions);
    }

    private static int condition(BpfAssembler assembler, Condition condition, int then, int otherwise) {
        return switch (condition.operator()) {
            case EQ -> equal(assembler, condition, then, otherwise);
            case NE -> equal(assembler, condition, otherwise, then);
            case GE -> atLeast(assembler, condition, condition.value(), then, otherwise);
            case LT -> atLeast(assembler, condition, condition.value(), otherwise, then);
            case GT -> above(assembler, condition, then, otherwise);
            case LE -> above(assembler, condition, otherwise, then);
            case MASKED_EQ -> masked(assembler, condition, then, otherwise);
        };
    }

    private static int above(BpfAssembler assembler, Condition condition, int then, int otherwise) {
        return condition.value() == -1
                ? otherwise
                : atLeast(assembler, condition, condition.value() + 1, then, otherwise);
    }

    /// Words are of 32 bits: the low one decides where the high ones are equal.
    private static int equal(BpfAssembler assembler, Condition condition, int then, int otherwise) {
        int low = assembler.ifEqual(low(condition.value()), then, otherwise);
        int next = assembler.load(offset(condition), low);
        int high = assembler.ifEqual(high(condition.value()), next, otherwise);
        return assembler.load(offset(condition) + 4, high);
    }

    private static int atLeast(BpfAssembler assembler, Condition condition, long value, int then, int otherwise) {
        int low = assembler.ifAtLeast(low(value), then, otherwise);
        int next = assembler.load(offset(condition), low);
        int high = assembler.ifEqual(high(value), next, otherwise);
        if (high(value) != -1) {
            high = assembler.ifAtLeast(high(value) + 1, then, high);
        }
        return assembler.load(offset(condition) + 4, high);
    }

    private static int masked(BpfAssembler assembler, Condition condition, int then, int otherwise) {
        int low = assembler.ifEqual(low(condition.masked()), then, otherwise);
        low = assembler.mask(low(condition.value()), low);
        int next = assembler.load(offset(condition), low);
        int high = assembler.ifEqual(high(condition.masked()), next, otherwise);
        high = assembler.mask(high(condition.value()), high);
        return assembler.load(offset(condition) + 4, high);
    }

    /// Of the low word; the high one comes after it.
    private static int offset(Condition condition) {
        return ARGUMENTS_OFFSET + 8 * condition.argument();
    }

    private static int low(long value) {
        return (int) value;
    }

    private static int high(long value) {
        return (int) (value >>> 32);
    }
}
