package dev.slipway.engine.device;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/// Some access to one device, or to all that have its kind and major number.
///
/// @param major empty for any
/// @param minor empty for any
/// @param accesses at least one
public record DeviceRule(Kind kind, OptionalInt major, OptionalInt minor, Set<Access> accesses) {
    private static final int LARGEST_MAJOR = (1 << 12) - 1;
    private static final int LARGEST_MINOR = (1 << 20) - 1;

    /// What sort of node leads to it.
    public enum Kind {
        BLOCK('b', 1),
        CHARACTER('c', 2);

        private final char letter;
        private final int number;

        Kind(char letter, int number) {
            this.letter = letter;
            this.number = number;
        }

        /// The kernel's `BPF_DEVCG_DEV_`.
        int number() {
            return number;
        }
    }

    /// What is done with a node.
    public enum Access {
        READ('r', 2),
        WRITE('w', 4),
        MKNOD('m', 1);

        private final char letter;
        private final int bit;

        Access(char letter, int bit) {
            this.letter = letter;
            this.bit = bit;
        }
    }

    public DeviceRule {
        requireWithin(major, LARGEST_MAJOR, "major");
        requireWithin(minor, LARGEST_MINOR, "minor");
        if (accesses.isEmpty()) {
            throw new IllegalArgumentException("rule for a device allows nothing");
        }
        accesses = Set.copyOf(accesses);
    }

    /// One device.
    public static DeviceRule of(Kind kind, int major, int minor, Set<Access> accesses) {
        return new DeviceRule(kind, OptionalInt.of(major), OptionalInt.of(minor), accesses);
    }

    /// Whether it allows all that can be done.
    boolean allowsAll() {
        return accesses.size() == Access.values().length;
    }

    /// The kernel's `BPF_DEVCG_ACC_` bits.
    int bits() {
        return accesses.stream().mapToInt(access -> access.bit).sum();
    }

    /// As version 1 reads it: `c 1:3 rwm`.
    ///
    /// @spec https://docs.kernel.org/admin-guide/cgroup-v1/devices.html Device Whitelist Controller
    @Override
    public String toString() {
        String letters = Arrays.stream(Access.values())
                .filter(EnumSet.copyOf(accesses)::contains)
                .map(access -> String.valueOf(access.letter))
                .collect(Collectors.joining());
        return "%c %s:%s %s".formatted(kind.letter, word(major), word(minor), letters);
    }

    private static String word(OptionalInt number) {
        return number.isPresent() ? Integer.toString(number.getAsInt()) : "*";
    }

    private static void requireWithin(OptionalInt number, int largest, String what) {
        if (number.isPresent() && (number.getAsInt() < 0 || number.getAsInt() > largest)) {
            throw new IllegalArgumentException(
                    "%s number of a device is out of range: %d".formatted(what, number.getAsInt()));
        }
    }
}
