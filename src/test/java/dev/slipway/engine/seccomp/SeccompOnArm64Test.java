package dev.slipway.engine.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Filters for machines that tests rarely run on: each number that a program of theirs can ask with is judged by what
/// the profile's JSON says about the call, read here a second time.
class SeccompOnArm64Test {
    private static final int AARCH64 = 0xC00000B7;
    private static final int ARM = 0x40000028;
    private static final List<Integer> FOREIGN = List.of(0xC000003E, 0x40000003, 0x800000B7, 0xC00000F3, 0);
    private static final int KILL = 0x80000000;
    private static final int ENOSYS = 0x00050026;
    private static final int LAST_NUMBER = 1000;
    private static final Map<String, Integer> ACTIONS = Map.of(
            "SCMP_ACT_ALLOW", 0x7fff0000,
            "SCMP_ACT_LOG", 0x7ffc0000,
            "SCMP_ACT_ERRNO", 0x00050001,
            "SCMP_ACT_KILL_PROCESS", KILL,
            "SCMP_ACT_TRAP", 0x00030000);
    private static final SyscallTable TABLE = SyscallTable.read();
    private static final JsonMapper JSON = new JsonMapper();

    @ParameterizedTest
    @ValueSource(strings = {"SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW", "SCMP_ACT_KILL_PROCESS"})
    void every_number_is_judged_as_the_profile_says(String otherwise) throws Exception {
        Set<Integer> answers = new HashSet<>();
        for (int seed = 0; seed < 8; seed++) {
            JsonNode profile = profile(new Random(seed), otherwise);
            BpfInterpreter filter = filter(profile, Set.of("CHOWN"));
            for (Architecture architecture : List.of(Architecture.AARCH64, Architecture.ARM)) {
                int last = lastNamed(profile, architecture);
                Map<Integer, String> names = names(architecture);
                for (int number = 0; number < LAST_NUMBER; number++) {
                    for (int argument : new int[] {0, 7}) {
                        int expected = decision(profile, names.getOrDefault(number, ""), argument, number > last);
                        assertEquals(
                                expected,
                                filter.run(architecture.audit(), number, argument),
                                "seed %d, %s %d(%d)".formatted(seed, architecture, number, argument));
                        answers.add(expected);
                    }
                }
            }
        }
        assertTrue(answers.containsAll(ACTIONS.values()), "each action is somebody's: " + answers);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW"})
    void programs_of_a_machine_that_the_profile_does_not_name_are_killed(String otherwise) throws Exception {
        ObjectNode profile = profile(new Random(1), otherwise);
        BpfInterpreter both = filter(profile, Set.of());
        profile.remove("archMap");
        BpfInterpreter own = filter(profile, Set.of());

        for (int number = 0; number < LAST_NUMBER; number++) {
            for (int foreign : FOREIGN) {
                assertEquals(KILL, both.run(foreign, number));
                assertEquals(KILL, own.run(foreign, number));
            }
            assertEquals(KILL, own.run(ARM, number));
            assertEquals(both.run(AARCH64, number), own.run(AARCH64, number));
        }
    }

    @Test
    void programs_of_a_foreign_machine_are_killed_by_the_default_filter_whatever_they_ask() {
        BpfInterpreter filter =
                new BpfInterpreter(new DefaultFilter(TABLE, Architecture.of("aarch64")).compile(Set.of("SYS_ADMIN")));

        for (int number = 0; number < LAST_NUMBER; number++) {
            for (int foreign : FOREIGN) {
                assertEquals(KILL, filter.run(foreign, number));
            }
        }
    }

    /// What the profile answers to a call, by its text.
    private static int decision(JsonNode profile, String name, int argument, boolean isNewer) {
        int otherwise = ACTIONS.get(profile.path("defaultAction").asText());
        for (JsonNode entry : profile.path("syscalls")) {
            boolean applies = applies(entry)
                    && has(entry.path("names"), name)
                    && (entry.path("args").isEmpty()
                            || entry.at("/args/0/value").asInt() == argument);
            if (applies) {
                return ACTIONS.get(entry.path("action").asText());
            }
        }
        boolean denies = otherwise != ACTIONS.get("SCMP_ACT_ALLOW");
        return denies && isNewer ? ENOSYS : otherwise;
    }

    private static boolean applies(JsonNode entry) {
        JsonNode capabilities = entry.at("/includes/caps");
        return (entry.at("/includes/arches").isEmpty() || has(entry.at("/includes/arches"), "arm64"))
                && !has(entry.at("/excludes/arches"), "arm64")
                && (capabilities.isEmpty() || has(capabilities, "CAP_CHOWN"));
    }

    /// The highest number that a rule is about: calls behind it are newer than the profile.
    private static int lastNamed(JsonNode profile, Architecture architecture) {
        int last = -1;
        for (SyscallTable.Row row : TABLE.of(architecture)) {
            for (JsonNode entry : profile.path("syscalls")) {
                if (applies(entry) && has(entry.path("names"), row.name())) {
                    last = Math.max(last, row.number(architecture));
                }
            }
        }
        return last;
    }

    private static Map<Integer, String> names(Architecture architecture) {
        return TABLE.of(architecture).stream()
                .collect(Collectors.toMap(row -> row.number(architecture), SyscallTable.Row::name));
    }

    private static boolean has(JsonNode list, String text) {
        return list.valueStream().anyMatch(each -> each.asText().equals(text));
    }

    /// A profile of many machines about calls of all of them, in which a call may be named more than once.
    private static ObjectNode profile(Random random, String otherwise) {
        ObjectNode profile = JSON.createObjectNode().put("defaultAction", otherwise);
        ObjectNode map = profile.putArray("archMap").addObject().put("architecture", "SCMP_ARCH_AARCH64");
        map.putArray("subArchitectures").add("SCMP_ARCH_ARM");
        List<String> actions = ACTIONS.keySet().stream().sorted().toList();
        List<SyscallTable.Row> rows = TABLE.rows();
        for (int i = 0; i < 30; i++) {
            ObjectNode entry = profile.withArray("syscalls").addObject();
            ArrayNode names = entry.putArray("names").add("of_no_machine_" + i);
            for (int j = random.nextInt(20); j >= 0; j--) {
                names.add(rows.get(random.nextInt(rows.size())).name());
            }
            entry.put("action", actions.get(random.nextInt(actions.size())));
            switch (random.nextInt(6)) {
                case 0 ->
                    entry.putArray("args")
                            .addObject()
                            .put("index", 0)
                            .put("value", 7)
                            .put("op", "SCMP_CMP_EQ");
                case 1 -> entry.putObject("includes").putArray("arches").add("arm64");
                case 2 -> entry.putObject("includes").putArray("arches").add("amd64");
                case 3 -> entry.putObject("excludes").putArray("arches").add("arm64");
                case 4 ->
                    entry.putObject("includes").putArray("caps").add(random.nextBoolean() ? "CAP_CHOWN" : "CAP_BPF");
                default -> entry.putNull("args");
            }
        }
        return profile;
    }

    private static BpfInterpreter filter(JsonNode profile, Set<String> capabilities) throws Exception {
        return new BpfInterpreter(SeccompProfileFile.rules(
                        JSON.writeValueAsBytes(profile), capabilities, "aarch64", new KernelVersion(6, 1))
                .compile(TABLE, "aarch64"));
    }
}
