package dev.slipway.engine.seccomp;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import dev.slipway.engine.seccomp.SeccompRules.Answer;
import dev.slipway.engine.seccomp.SeccompRules.Condition;
import dev.slipway.engine.seccomp.SeccompRules.Operator;
import dev.slipway.engine.seccomp.SeccompRules.Rule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A profile that people wrote: the JSON of Docker and of the OCI. Names of calls that no architecture of this machine
/// has are passed over, as the others do: profiles are written for many machines.
///
/// @spec https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp OCI Runtime Spec: Seccomp
/// @spec https://docs.docker.com/engine/security/seccomp/ Docker: Seccomp security profiles
public final class SeccompProfileFile {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final int EPERM = 1;
    private static final int LARGEST_ERRNO = 4095;
    private static final int ARGUMENTS = 6;
    private static final int SECCOMP_RET_ERRNO = 0x00050000;
    private static final int SECCOMP_RET_TRACE = 0x7ff00000;
    private static final Map<String, Answer> PLAIN = Map.of(
            "SCMP_ACT_KILL", new Answer(0, false),
            "SCMP_ACT_KILL_THREAD", new Answer(0, false),
            "SCMP_ACT_KILL_PROCESS", new Answer(0x80000000, false),
            "SCMP_ACT_TRAP", new Answer(0x00030000, false),
            "SCMP_ACT_LOG", new Answer(0x7ffc0000, true),
            "SCMP_ACT_ALLOW", new Answer(0x7fff0000, true));
    private static final Map<String, Architecture> ARCHITECTURES = Map.of(
            "SCMP_ARCH_X86_64", Architecture.X86_64,
            "SCMP_ARCH_X86", Architecture.I386,
            "SCMP_ARCH_AARCH64", Architecture.AARCH64,
            "SCMP_ARCH_ARM", Architecture.ARM);
    private static final Map<Architecture, String> GO_NAMES = Map.of(
            Architecture.X86_64, "amd64",
            Architecture.I386, "x86",
            Architecture.AARCH64, "arm64",
            Architecture.ARM, "arm");

    private final JsonNode profile;
    private final Set<String> capabilities;
    private final Architecture own;
    private final KernelVersion kernel;

    private SeccompProfileFile(JsonNode profile, Set<String> capabilities, String machine, KernelVersion kernel) {
        this.profile = profile;
        this.capabilities = capabilities;
        this.own = Architecture.of(machine).getFirst();
        this.kernel = kernel;
    }

    /// For programs of this machine.
    ///
    /// @param capabilities the bounding set, by names without `CAP_`
    /// @return an array of `struct sock_filter`
    /// @throws IllegalArgumentException when it is no profile; the message is for the user
    public static byte[] compile(byte[] json, Set<String> capabilities) {
        String machine = System.getProperty("os.arch");
        return rules(json, capabilities, machine, KernelVersion.running()).compile(Table.ALL, machine);
    }

    static SeccompRules rules(byte[] json, Set<String> capabilities, String machine, KernelVersion kernel) {
        JsonNode profile;
        try {
            profile = MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("it is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("it is not JSON: " + e.getMessage(), e);
        }
        if (!profile.isObject()) {
            throw new IllegalArgumentException("it is not a JSON object");
        }
        return new SeccompProfileFile(profile, capabilities, machine, kernel).rules();
    }

    private SeccompRules rules() {
        if (profile.hasNonNull("listenerPath")) {
            throw new IllegalArgumentException("listenerPath is not supported");
        }
        Answer fallback = answer(profile.path("defaultAction"), profile.path("defaultErrnoRet"), "defaultAction");
        List<Rule> rules = new ArrayList<>();
        List<JsonNode> entries = list(profile, "syscalls", JsonNodeType.OBJECT);
        for (int i = 0; i < entries.size(); i++) {
            JsonNode entry = entries.get(i);
            if (applies(entry)) {
                rules.add(rule(entry, "syscalls[%d]".formatted(i)));
            }
        }
        return new SeccompRules(fallback, architectures(), rules);
    }

    /// Names of architectures that no table here has stand for other machines.
    private Set<Architecture> architectures() {
        Set<Architecture> all = EnumSet.noneOf(Architecture.class);
        texts(profile, "architectures")
                .forEach(name -> Optional.ofNullable(ARCHITECTURES.get(name)).ifPresent(all::add));
        for (JsonNode entry : list(profile, "archMap", JsonNodeType.OBJECT)) {
            if (ARCHITECTURES.get(entry.path("architecture").asText()) == own) {
                texts(entry, "subArchitectures").forEach(name -> Optional.ofNullable(ARCHITECTURES.get(name))
                        .ifPresent(all::add));
            }
        }
        return all;
    }

    /// Docker's conditions on a rule, which the OCI's form does not have.
    private boolean applies(JsonNode entry) {
        JsonNode includes = filter(entry, "includes");
        JsonNode excludes = filter(entry, "excludes");
        List<String> arches = texts(includes, "arches");
        boolean isIncluded = capabilities.containsAll(capabilities(includes))
                && (arches.isEmpty() || arches.contains(GO_NAMES.get(own)))
                && (!includes.hasNonNull("minKernel")
                        || kernel.isAtLeast(includes.path("minKernel").asText()));
        boolean isExcluded = capabilities(excludes).stream().anyMatch(capabilities::contains)
                || texts(excludes, "arches").contains(GO_NAMES.get(own))
                || excludes.hasNonNull("minKernel")
                        && kernel.isAtLeast(excludes.path("minKernel").asText());
        return isIncluded && !isExcluded;
    }

    private static List<String> capabilities(JsonNode filter) {
        return texts(filter, "caps").stream()
                .map(name -> name.replaceFirst("^CAP_", ""))
                .toList();
    }

    private static Rule rule(JsonNode entry, String path) {
        Set<String> names = new HashSet<>(texts(entry, "names"));
        if (entry.hasNonNull("name")) {
            names.add(entry.path("name").asText());
        }
        if (names.isEmpty()) {
            throw new IllegalArgumentException(path + " names no system call");
        }
        List<Condition> conditions = new ArrayList<>();
        List<JsonNode> arguments = list(entry, "args", JsonNodeType.OBJECT);
        for (int i = 0; i < arguments.size(); i++) {
            conditions.add(condition(arguments.get(i), "%s.args[%d]".formatted(path, i)));
        }
        return new Rule(names, conditions, answer(entry.path("action"), entry.path("errnoRet"), path + ".action"));
    }

    private static Condition condition(JsonNode argument, String path) {
        JsonNode index = argument.path("index");
        if (!index.isInt() || index.asInt() < 0 || index.asInt() >= ARGUMENTS) {
            throw new IllegalArgumentException(path + ".index is not from 0 to 5");
        }
        String name = argument.path("op").asText();
        if (!name.startsWith("SCMP_CMP_")) {
            throw new IllegalArgumentException("%s.op is not a comparison: \"%s\"".formatted(path, name));
        }
        try {
            return new Condition(
                    index.asInt(),
                    Operator.valueOf(name.substring("SCMP_CMP_".length())),
                    value(argument.path("value"), path + ".value"),
                    value(argument.path("valueTwo"), path + ".valueTwo"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    name.matches("SCMP_CMP_(NE|LT|LE|EQ|GE|GT|MASKED_EQ)")
                            ? e.getMessage()
                            : "%s.op is not a comparison: \"%s\"".formatted(path, name),
                    e);
        }
    }

    /// An unsigned number of 64 bits.
    private static long value(JsonNode value, String path) {
        if (value.isMissingNode()) {
            return 0;
        }
        if (!value.isIntegralNumber()
                || value.bigIntegerValue().signum() < 0
                || value.bigIntegerValue().bitLength() > Long.SIZE) {
            throw new IllegalArgumentException(path + " is not a number of 64 bits");
        }
        return value.bigIntegerValue().longValue();
    }

    private static Answer answer(JsonNode action, JsonNode errno, String path) {
        int number = errno.isInt() ? errno.asInt() : EPERM;
        if (errno.isNumber() && (number < 0 || number > LARGEST_ERRNO || !errno.isInt())) {
            throw new IllegalArgumentException(path + " has an error number that is not from 0 to " + LARGEST_ERRNO);
        }
        return switch (action.asText()) {
            case "SCMP_ACT_ERRNO" -> new Answer(SECCOMP_RET_ERRNO | number, false);
            case "SCMP_ACT_TRACE" -> new Answer(SECCOMP_RET_TRACE | number, false);
            default -> {
                Answer plain = PLAIN.get(action.asText());
                if (plain == null) {
                    throw new IllegalArgumentException(
                            "%s is none that is supported: \"%s\"".formatted(path, action.asText()));
                }
                yield plain;
            }
        };
    }

    private static List<String> texts(JsonNode parent, String field) {
        return list(parent, field, JsonNodeType.STRING).stream()
                .map(JsonNode::asText)
                .toList();
    }

    /// A condition that is not understood must not be taken for none.
    private static JsonNode filter(JsonNode entry, String field) {
        JsonNode filter = entry.path(field);
        if (!isAbsent(filter) && !filter.isObject()) {
            throw new IllegalArgumentException(field + " is not a JSON object");
        }
        return filter;
    }

    private static List<JsonNode> list(JsonNode parent, String field, JsonNodeType type) {
        JsonNode list = parent.path(field);
        if (isAbsent(list)) {
            return List.of();
        }
        if (!list.isArray() || !list.valueStream().allMatch(each -> each.getNodeType() == type)) {
            throw new IllegalArgumentException(
                    "%s is not an array of %ss".formatted(field, type.name().toLowerCase(Locale.ROOT)));
        }
        return list.valueStream().toList();
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    /// Read when the first such profile is.
    private static final class Table {
        private static final SyscallTable ALL = SyscallTable.read();
    }
}
