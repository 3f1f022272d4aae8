package dev.slipway.engine.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Profiles that people wrote, and what their filters answer.
class SeccompProfileFileTest {
    private static final int ALLOW = 0x7fff0000;
    private static final int LOG = 0x7ffc0000;
    private static final int EPERM = 0x00050001;
    private static final int ENOSYS = 0x00050026;
    private static final int KILL = 0x80000000;
    private static final int X86_64 = 0xC000003E;
    private static final int I386 = 0x40000003;
    private static final int READ = 0;
    private static final int MKDIR = 83;
    private static final int CLONE = 56;
    private static final int CLONE3 = 435;
    private static final SyscallTable TABLE = SyscallTable.read();
    private static final KernelVersion KERNEL = new KernelVersion(6, 1);

    @Test
    void what_the_profile_names_is_answered_as_it_says_and_the_rest_by_default() {
        BpfInterpreter filter = filter("""
                {"defaultAction": "SCMP_ACT_ALLOW",
                 "syscalls": [
                   {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
                   {"name": "reboot", "action": "SCMP_ACT_KILL_PROCESS"},
                   {"names": ["read"], "action": "SCMP_ACT_LOG"},
                   {"names": ["of_another_machine"], "action": "SCMP_ACT_ERRNO"}]}
                """);

        assertEquals(0x0005001c, filter.run(X86_64, MKDIR));
        assertEquals(0x0005001c, filter.run(X86_64, 258));
        assertEquals(KILL, filter.run(X86_64, 169));
        assertEquals(LOG, filter.run(X86_64, READ));
        assertEquals(ALLOW, filter.run(X86_64, 1));
        assertEquals(ALLOW, filter.run(X86_64, 2000));
    }

    @Test
    void programs_of_other_architectures_run_only_where_the_profile_names_them() {
        String rule = "\"defaultAction\": \"SCMP_ACT_ALLOW\","
                + " \"syscalls\": [{\"names\": [\"mkdir\"], \"action\": \"SCMP_ACT_ERRNO\"}]";

        BpfInterpreter one = filter("{" + rule + "}");
        BpfInterpreter both = filter(
                "{" + rule + ", \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_S390\"]}");
        BpfInterpreter mapped = filter(
                "{" + rule + ", \"archMap\": [{\"architecture\": \"SCMP_ARCH_AARCH64\", \"subArchitectures\": []},"
                        + " {\"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": [\"SCMP_ARCH_X86\"]}]}");

        assertEquals(KILL, one.run(I386, READ));
        for (BpfInterpreter filter : List.of(both, mapped)) {
            assertEquals(EPERM, filter.run(I386, 39), "mkdir");
            assertEquals(ALLOW, filter.run(I386, MKDIR), "setrlimit, or what else it is there");
        }
    }

    @Test
    void the_second_set_of_numbers_of_a_machine_is_no_way_around_the_profile() {
        BpfInterpreter filter = filter(
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"mkdir\"], \"action\": \"SCMP_ACT_ERRNO\"}]}");

        assertEquals(ENOSYS, filter.run(X86_64, 0x40000000 + MKDIR));
        assertEquals(ENOSYS, filter.run(X86_64, -1));
    }

    @Test
    void a_call_that_is_newer_than_the_profile_is_none() {
        BpfInterpreter filter = filter(
                "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\", \"mkdir\"], \"action\": \"SCMP_ACT_ALLOW\"}]}");

        assertEquals(EPERM, filter.run(X86_64, 1));
        assertEquals(ENOSYS, filter.run(X86_64, CLONE3));
    }

    @ParameterizedTest
    @CsvSource({
        "SCMP_CMP_EQ,        5, 0, 5,           6",
        "SCMP_CMP_EQ,        4294967301, 0, 4294967301, 5",
        "SCMP_CMP_NE,        4294967301, 0, 5,  4294967301",
        "SCMP_CMP_GE,        4294967296, 0, 4294967296, 4294967295",
        "SCMP_CMP_GE,        5, 0, 8589934592,  4",
        "SCMP_CMP_GT,        5, 0, 6,           5",
        "SCMP_CMP_GT,        4294967295, 0, 4294967296, 4294967295",
        "SCMP_CMP_LT,        4294967296, 0, 4294967295, 4294967296",
        "SCMP_CMP_LE,        5, 0, 5,           4294967301",
        "SCMP_CMP_LE,        18446744073709551615, 0, -1, ",
        "SCMP_CMP_GT,        18446744073709551614, 0, -1, -2",
        "SCMP_CMP_MASKED_EQ, 2114060288, 0, 17, 536870912",
        "SCMP_CMP_MASKED_EQ, 4294967311, 4294967297, 4294967313, 1",
    })
    void arguments_are_compared_as_unsigned_numbers_of_64_bits(
            String operator, String value, String masked, long fits, Long other) {
        BpfInterpreter filter = filter("""
                {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["clone"], "action": "SCMP_ACT_ALLOW",
                 "args": [{"index": 5, "value": %s, "valueTwo": %s, "op": "%s"}]}]}
                """.formatted(value, masked, operator));

        assertEquals(ALLOW, filter.run(X86_64, CLONE, 0, 0, 0, 0, 0, fits));
        if (other != null) {
            assertEquals(EPERM, filter.run(X86_64, CLONE, 0, 0, 0, 0, 0, other));
        }
    }

    @Test
    void all_conditions_of_a_rule_hold_and_the_first_rule_that_fits_decides() {
        BpfInterpreter filter = filter("""
                {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
                  {"names": ["clone"], "action": "SCMP_ACT_LOG", "args": [
                    {"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 2, "op": "SCMP_CMP_EQ"}]},
                  {"names": ["clone"], "action": "SCMP_ACT_KILL_PROCESS", "args": [
                    {"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 9, "op": "SCMP_CMP_EQ"}]},
                  {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [
                    {"index": 0, "value": 9, "op": "SCMP_CMP_LE"}]}]}
                """);

        assertEquals(LOG, filter.run(X86_64, CLONE, 1, 2));
        assertEquals(ALLOW, filter.run(X86_64, CLONE, 1, 3));
        assertEquals(KILL, filter.run(X86_64, CLONE, 9, 2), "of several about one argument one is enough");
        assertEquals(EPERM, filter.run(X86_64, CLONE, 10, 2));
    }

    @Test
    void rules_may_depend_on_capabilities_architecture_and_kernel() {
        String profile = """
                {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
                  {"names": ["mkdir"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
                  {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38,
                   "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
                  {"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm64"]}},
                  {"names": ["write"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
                  {"names": ["open"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.10"}}]}
                """;

        BpfInterpreter plain = filter(profile, Set.of("CHOWN"));
        BpfInterpreter admin = filter(profile, Set.of("SYS_ADMIN", "CHOWN"));

        assertEquals(EPERM, plain.run(X86_64, MKDIR));
        assertEquals(ALLOW, admin.run(X86_64, MKDIR));
        assertEquals(ENOSYS, plain.run(X86_64, CLONE3));
        assertEquals(EPERM, plain.run(X86_64, READ));
        assertEquals(ALLOW, plain.run(X86_64, 1));
        assertEquals(EPERM, plain.run(X86_64, 2));
    }

    @Test
    void a_long_profile_fits() {
        StringBuilder rules = new StringBuilder();
        List<SyscallTable.Row> rows = TABLE.of(Architecture.X86_64);
        for (SyscallTable.Row row : rows) {
            String action = row.number(Architecture.X86_64) % 2 == 0 ? "SCMP_ACT_ALLOW" : "SCMP_ACT_LOG";
            rules.append(rules.isEmpty() ? "" : ",")
                    .append("{\"names\": [\"%s\"], \"action\": \"%s\"}".formatted(row.name(), action));
        }

        BpfInterpreter filter =
                filter("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": [\"SCMP_ARCH_X86\"], \"syscalls\": ["
                        + rules + "]}");

        for (SyscallTable.Row row : rows) {
            int number = row.number(Architecture.X86_64);
            assertEquals(number % 2 == 0 ? ALLOW : LOG, filter.run(X86_64, number), row.name());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "nonsense | it is not JSON",
                "[] | it is not a JSON object",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\"} more | it is not JSON",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": \"mkdir\"} | syscalls is not an array of objects",
                "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": \"CAP_SYS_ADMIN\"}}]} | caps is not an array of strings",
                "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": [\"CAP_SYS_ADMIN\"]}]} | includes is not a JSON object",
                "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"clone\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": {\"index\": 0}}]} | args is not an array of objects",
                "{} | defaultAction is none that is supported: \"\"",
                "{\"defaultAction\": \"SCMP_ACT_NOTIFY\"} | defaultAction is none that is supported: \"SCMP_ACT_NOTIFY\"",
                "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 5000} | defaultAction has an error number",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/x\"} | listenerPath is not supported",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"action\": \"SCMP_ACT_ALLOW\"}]} | syscalls[0] names no system call",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"ALLOW\"}]} | syscalls[0].action is none",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 6}]}]} | syscalls[0].args[0].index is not from 0 to 5",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 1, \"op\": \"==\"}]}]} | syscalls[0].args[0].op is not a comparison: \"==\"",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 1, \"op\": \"SCMP_CMP_EQ\", \"value\": -1}]}]} | syscalls[0].args[0].value is not a number of 64 bits",
            })
    void what_is_wrong_is_named(String profile, String words) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> filter(profile));

        assertTrue(e.getMessage().startsWith(words), e.getMessage());
    }

    private static BpfInterpreter filter(String profile) {
        return filter(profile, Set.of());
    }

    private static BpfInterpreter filter(String profile, Set<String> capabilities) {
        return new BpfInterpreter(
                SeccompProfileFile.rules(profile.getBytes(StandardCharsets.UTF_8), capabilities, "amd64", KERNEL)
                        .compile(TABLE, "amd64"));
    }
}
