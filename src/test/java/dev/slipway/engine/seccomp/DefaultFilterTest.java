package dev.slipway.engine.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DefaultFilterTest {
    private static final int ALLOW = 0x7fff0000;
    private static final int EPERM = 0x00050001;
    private static final int ENOSYS = 0x00050026;
    private static final int KILL = 0x80000000;
    private static final int X32 = 0x40000000;

    private static final int X86_64 = 0xC000003E;
    private static final int I386 = 0x40000003;
    private static final int AARCH64 = 0xC00000B7;
    private static final int ARM = 0x40000028;

    private static final SyscallTable TABLE = SyscallTable.read();
    private static final BpfInterpreter AMD64 = filter("amd64", Set.of());
    private static final BpfInterpreter ARM64 = filter("aarch64", Set.of());

    @Test
    void every_number_gets_the_verdict_of_its_line() {
        for (String machine : List.of("amd64", "aarch64")) {
            for (Set<String> capabilities : capabilitySets()) {
                BpfInterpreter filter = filter(machine, capabilities);
                for (Architecture architecture : Architecture.of(machine)) {
                    for (int number = 0; number < 2000; number++) {
                        requireVerdict(filter, architecture, number, capabilities);
                    }
                    List.of(
                                    983040,
                                    983041,
                                    983042,
                                    983043,
                                    983044,
                                    983045,
                                    983046,
                                    X32,
                                    X32 + 39,
                                    -1,
                                    Integer.MIN_VALUE)
                            .forEach(number -> requireVerdict(filter, architecture, number, capabilities));
                }
            }
        }
    }

    @Test
    void ordinary_calls_are_allowed_by_their_own_number_of_each_architecture() {
        assertEquals(ALLOW, AMD64.run(X86_64, 0, 0), "read");
        assertEquals(ALLOW, AMD64.run(X86_64, 59, 0), "execve");
        assertEquals(ALLOW, AMD64.run(I386, 11, 0), "execve");
        assertEquals(ALLOW, AMD64.run(I386, 102, 0), "socketcall");
        assertEquals(ALLOW, ARM64.run(AARCH64, 221, 0), "execve");
        assertEquals(ALLOW, ARM64.run(ARM, 11, 0), "execve");
        assertEquals(ALLOW, ARM64.run(ARM, 983042, 0), "cacheflush");
    }

    @Test
    void calls_that_reach_the_host_are_refused() {
        assertEquals(EPERM, AMD64.run(X86_64, 165, 0), "mount");
        assertEquals(EPERM, AMD64.run(X86_64, 250, 0), "keyctl");
        assertEquals(EPERM, AMD64.run(X86_64, 246, 0), "kexec_load");
        assertEquals(EPERM, AMD64.run(X86_64, 425, 0), "io_uring_setup");
        assertEquals(EPERM, AMD64.run(X86_64, 323, 0), "userfaultfd");
        assertEquals(EPERM, AMD64.run(X86_64, 321, 0), "bpf");
        assertEquals(EPERM, AMD64.run(X86_64, 304, 0), "open_by_handle_at");
        assertEquals(EPERM, AMD64.run(X86_64, 272, 0x10000000), "unshare");
        assertEquals(EPERM, AMD64.run(I386, 21, 0), "mount");
        assertEquals(EPERM, ARM64.run(AARCH64, 40, 0), "mount");
        assertEquals(EPERM, ARM64.run(ARM, 21, 0), "mount");
    }

    @Test
    void numbers_of_one_architecture_mean_nothing_in_another() {
        // 165 is mount on x86_64 and getresuid on i386; 21 is access on x86_64 and mount on i386.
        assertEquals(EPERM, AMD64.run(X86_64, 165, 0));
        assertEquals(ALLOW, AMD64.run(I386, 165, 0));
        assertEquals(ALLOW, AMD64.run(X86_64, 21, 0));
        assertEquals(EPERM, AMD64.run(I386, 21, 0));
    }

    @Test
    void a_program_of_a_foreign_architecture_is_killed() {
        assertEquals(KILL, AMD64.run(AARCH64, 0, 0));
        assertEquals(KILL, AMD64.run(0, 0, 0));
        assertEquals(KILL, ARM64.run(X86_64, 0, 0));
    }

    @Test
    void x32_and_unknown_numbers_look_as_if_the_kernel_did_not_have_them() {
        assertEquals(ENOSYS, AMD64.run(X86_64, X32, 0));
        assertEquals(ENOSYS, AMD64.run(X86_64, X32 + 520, 0));
        assertEquals(ENOSYS, AMD64.run(X86_64, 400, 0));
        assertEquals(ENOSYS, AMD64.run(X86_64, 600, 0));
        assertEquals(ENOSYS, AMD64.run(X86_64, -1, 0));
    }

    @Test
    void a_clone_into_new_namespaces_is_refused() {
        for (int flag : new int[] {
            0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x50000011
        }) {
            assertEquals(EPERM, AMD64.run(X86_64, 56, flag), Integer.toHexString(flag));
            assertEquals(EPERM, AMD64.run(I386, 120, flag), Integer.toHexString(flag));
            assertEquals(EPERM, ARM64.run(AARCH64, 220, flag), Integer.toHexString(flag));
        }
        // What a C library passes for a thread, and for a child.
        assertEquals(ALLOW, AMD64.run(X86_64, 56, 0x003D0F00));
        assertEquals(ALLOW, AMD64.run(X86_64, 56, 0x01200011));
    }

    @Test
    void clone3_is_absent_so_that_libraries_fall_back_to_clone() {
        assertEquals(ENOSYS, AMD64.run(X86_64, 435, 0));
        assertEquals(ENOSYS, AMD64.run(I386, 435, 0));
        assertEquals(ENOSYS, ARM64.run(AARCH64, 435, 0));
    }

    @Test
    void only_usual_personalities_and_address_families_are_allowed() {
        Set<Integer> personalities = new TreeSet<>();
        Set<Integer> refusedFamilies = new TreeSet<>();
        for (int argument = 0; argument < 0x80000; argument++) {
            if (AMD64.run(X86_64, 135, argument) == ALLOW) {
                personalities.add(argument);
            }
        }
        for (int family = 0; family < 256; family++) {
            if (AMD64.run(X86_64, 41, family) == EPERM) {
                refusedFamilies.add(family);
            }
        }

        assertEquals(Set.of(0, 8, 0x20000, 0x20008), personalities);
        assertEquals(ALLOW, AMD64.run(X86_64, 135, -1));
        assertEquals(EPERM, AMD64.run(X86_64, 135, 0x0040000));
        assertEquals(Set.of(38, 40), refusedFamilies);
    }

    @Test
    void a_capability_brings_the_calls_that_need_it() {
        assertEquals(Set.of("chroot"), gained("SYS_CHROOT"));
        assertEquals(Set.of("open_by_handle_at"), gained("DAC_READ_SEARCH"));
        assertEquals(Set.of("delete_module", "finit_module", "init_module"), gained("SYS_MODULE"));
        assertEquals(Set.of("kcmp", "pidfd_getfd", "process_madvise"), gained("SYS_PTRACE"));
        assertEquals(Set.of("clock_settime", "settimeofday"), gained("SYS_TIME"));
        assertEquals(Set.of("get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"), gained("SYS_NICE"));
        assertEquals(Set.of("reboot"), gained("SYS_BOOT"));
        assertEquals(Set.of("acct"), gained("SYS_PACCT"));
        assertEquals(Set.of("ioperm", "iopl"), gained("SYS_RAWIO"));
        assertEquals(Set.of("vhangup"), gained("SYS_TTY_CONFIG"));
        assertEquals(Set.of("syslog"), gained("SYSLOG"));
        assertEquals(Set.of("bpf"), gained("BPF"));
        assertEquals(Set.of("perf_event_open"), gained("PERFMON"));
        assertEquals(Set.of(), gained("NET_ADMIN"));
        assertEquals(Set.of(), gained("AUDIT_WRITE"));
    }

    @Test
    void an_administrator_may_make_namespaces_and_mounts_but_not_everything() {
        BpfInterpreter filter = filter("amd64", Set.of("SYS_ADMIN"));

        assertEquals(ALLOW, filter.run(X86_64, 56, 0x10000000), "clone with CLONE_NEWUSER");
        assertEquals(ALLOW, filter.run(X86_64, 435, 0), "clone3");
        assertEquals(ALLOW, filter.run(X86_64, 165, 0), "mount");
        assertEquals(ALLOW, filter.run(X86_64, 272, 0), "unshare");
        assertEquals(EPERM, filter.run(X86_64, 246, 0), "kexec_load");
        assertEquals(EPERM, filter.run(X86_64, 175, 0), "init_module");
    }

    @Test
    void no_number_means_two_calls() {
        for (Architecture architecture : Architecture.values()) {
            long numbers = TABLE.of(architecture).stream()
                    .mapToInt(row -> row.number(architecture))
                    .distinct()
                    .count();
            assertEquals(TABLE.of(architecture).size(), numbers, architecture.toString());
        }
    }

    @Test
    void the_program_is_a_shallow_tree() {
        assertTrue(AMD64.length() < 500, "instructions: " + AMD64.length());
    }

    private static BpfInterpreter filter(String machine, Set<String> capabilities) {
        return new BpfInterpreter(new DefaultFilter(TABLE, Architecture.of(machine)).compile(capabilities));
    }

    private static Set<Set<String>> capabilitySets() {
        Set<String> all = new TreeSet<>();
        TABLE.rows().forEach(row -> all.addAll(row.unlocking()));
        Set<Set<String>> sets = new HashSet<>(Set.of(Set.of(), Set.of("SYS_CHROOT"), Set.copyOf(all)));
        all.forEach(each -> sets.add(Set.of(each)));
        return sets;
    }

    /// Names of the calls of x86_64 that are not allowed without `capability` and are with it.
    private static Set<String> gained(String capability) {
        BpfInterpreter without = AMD64;
        BpfInterpreter with = filter("amd64", Set.of(capability));
        Set<String> gained = new TreeSet<>();
        for (SyscallTable.Row row : TABLE.rows()) {
            int number = row.number(Architecture.X86_64);
            if (number >= 0 && without.run(X86_64, number, 0) != ALLOW && with.run(X86_64, number, 0) == ALLOW) {
                gained.add(row.name());
            }
        }
        return gained;
    }

    private static void requireVerdict(
            BpfInterpreter filter, Architecture architecture, int number, Set<String> capabilities) {
        Verdict verdict = TABLE.rows().stream()
                .filter(row -> number >= 0 && row.number(architecture) == number)
                .findFirst()
                .map(row -> row.verdict(capabilities))
                .orElse(Verdict.ABSENT);
        int forbiddenArgument =
                switch (verdict) {
                    case NO_NAMESPACES -> 0x10000000;
                    case USUAL_PERSONALITY -> 0x40000;
                    case USUAL_FAMILY -> 40;
                    case ALLOWED, REFUSED, ABSENT -> 0x10000000;
                };
        int answer =
                switch (verdict) {
                    case ALLOWED -> ALLOW;
                    case ABSENT -> ENOSYS;
                    case REFUSED, NO_NAMESPACES, USUAL_PERSONALITY, USUAL_FAMILY -> EPERM;
                };
        int withZero = verdict == Verdict.REFUSED || verdict == Verdict.ABSENT ? answer : ALLOW;
        assertEquals(answer, filter.run(architecture.audit(), number, forbiddenArgument), architecture + " " + number);
        assertEquals(withZero, filter.run(architecture.audit(), number, 0), architecture + " " + number);
    }
}
