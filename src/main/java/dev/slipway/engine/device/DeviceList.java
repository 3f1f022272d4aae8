package dev.slipway.engine.device;

import dev.slipway.engine.device.DeviceRule.Access;
import dev.slipway.engine.device.DeviceRule.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/// All devices that the processes of a container may open; every other one is refused.
public record DeviceList(List<DeviceRule> rules) {
    private static final Set<Access> ALL = EnumSet.allOf(Access.class);
    private static final int MEMORY = 1;
    private static final int TERMINAL = 5;
    private static final int PSEUDO_TERMINAL = 136;

    /// What every container has: nodes of any device may be made; `null`, `zero`, `full`, `random`, `urandom`,
    /// `tty`,
    /// `ptmx` and the terminals below `/dev/pts` be opened.
    public static final DeviceList STANDARD = new DeviceList(List.of(
            new DeviceRule(Kind.CHARACTER, OptionalInt.empty(), OptionalInt.empty(), Set.of(Access.MKNOD)),
            new DeviceRule(Kind.BLOCK, OptionalInt.empty(), OptionalInt.empty(), Set.of(Access.MKNOD)),
            DeviceRule.of(Kind.CHARACTER, MEMORY, 3, ALL),
            DeviceRule.of(Kind.CHARACTER, MEMORY, 5, ALL),
            DeviceRule.of(Kind.CHARACTER, MEMORY, 7, ALL),
            DeviceRule.of(Kind.CHARACTER, MEMORY, 8, ALL),
            DeviceRule.of(Kind.CHARACTER, MEMORY, 9, ALL),
            DeviceRule.of(Kind.CHARACTER, TERMINAL, 0, ALL),
            DeviceRule.of(Kind.CHARACTER, TERMINAL, 2, ALL),
            new DeviceRule(Kind.CHARACTER, OptionalInt.of(PSEUDO_TERMINAL), OptionalInt.empty(), ALL)));

    public DeviceList {
        rules = List.copyOf(rules);
    }

    /// These, and those that `more` allow.
    public DeviceList with(List<DeviceRule> more) {
        return new DeviceList(
                Stream.concat(rules.stream(), more.stream()).distinct().toList());
    }
}
