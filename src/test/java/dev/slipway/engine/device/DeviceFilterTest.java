package dev.slipway.engine.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.device.DeviceRule.Access;
import dev.slipway.engine.device.DeviceRule.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeviceFilterTest {
    private static final List<String> LOADS =
            List.of("r2 = *(r1 + 0)", "r2 &= ffff", "r3 = *(r1 + 0)", "r3 >>= 16", "r4 = *(r1 + 4)", "r5 = *(r1 + 8)");

    @Test
    void a_list_of_nothing_refuses() {
        assertEquals(with("r0 = 0", "exit", "r0 = 1", "exit"), listing());
    }

    @Test
    void a_rule_compares_what_it_names_and_leads_to_the_next_one() {
        DeviceRule oneDevice = DeviceRule.of(Kind.CHARACTER, 1, 11, Set.of(Access.READ, Access.MKNOD));
        DeviceRule wholeKind =
                new DeviceRule(Kind.BLOCK, OptionalInt.of(7), OptionalInt.empty(), EnumSet.allOf(Access.class));

        assertEquals(
                with(
                        "if r2 != 2 skip 6",
                        "if r4 != 1 skip 5",
                        "if r5 != 11 skip 4",
                        "r0 = r3",
                        "r0 &= fffffffc",
                        "if r0 != 0 skip 1",
                        "skip 5",
                        "if r2 != 1 skip 2",
                        "if r4 != 7 skip 1",
                        "skip 2",
                        "r0 = 0",
                        "exit",
                        "r0 = 1",
                        "exit"),
                listing(oneDevice, wholeKind));
    }

    @Test
    void a_list_longer_than_the_kernel_takes_is_a_bug() {
        DeviceRule[] many = new DeviceRule[2000];
        for (int minor = 0; minor < many.length; minor++) {
            many[minor] = DeviceRule.of(Kind.CHARACTER, 10, minor, Set.of(Access.READ));
        }

        assertThrows(IllegalStateException.class, () -> listing(many));
    }

    @Test
    void the_usual_list_is_that_of_the_specification() {
        assertEquals(
                List.of(
                        "c *:* m",
                        "b *:* m",
                        "c 1:3 rwm",
                        "c 1:5 rwm",
                        "c 1:7 rwm",
                        "c 1:8 rwm",
                        "c 1:9 rwm",
                        "c 5:0 rwm",
                        "c 5:2 rwm",
                        "c 136:* rwm"),
                DeviceList.STANDARD.rules().stream().map(DeviceRule::toString).toList());
    }

    @Test
    void a_rule_that_is_there_is_not_added() {
        DeviceRule fuse = DeviceRule.of(Kind.CHARACTER, 10, 229, Set.of(Access.READ));

        DeviceList list = DeviceList.STANDARD.with(List.of(fuse, fuse));

        assertEquals(DeviceList.STANDARD.rules().size() + 1, list.rules().size());
        assertEquals(DeviceList.STANDARD, DeviceList.STANDARD.with(List.of()));
        assertEquals(DeviceList.STANDARD.with(List.of(fuse)).hashCode(), list.hashCode());
    }

    @Test
    void numbers_that_no_device_has_are_refused() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> DeviceRule.of(Kind.BLOCK, 4096, 0, Set.of(Access.READ)));

        assertTrue(refused.getMessage().contains("major number of a device is out of range: 4096"));
        assertThrows(IllegalArgumentException.class, () -> DeviceRule.of(Kind.BLOCK, 8, 0, Set.of()));
    }

    private static List<String> with(String... more) {
        List<String> all = new ArrayList<>(LOADS);
        all.addAll(List.of(more));
        return all;
    }

    /// The words of the program as the kernel's documentation reads them.
    private static List<String> listing(DeviceRule... rules) {
        ByteBuffer program = ByteBuffer.wrap(DeviceFilter.compile(new DeviceList(List.of(rules))))
                .order(ByteOrder.nativeOrder());
        List<String> lines = new ArrayList<>();
        while (program.hasRemaining()) {
            int code = program.get() & 0xff;
            int registers = program.get() & 0xff;
            lines.add(line(code, registers & 0xf, registers >>> 4, program.getShort(), program.getInt()));
        }
        return lines;
    }

    private static String line(int code, int destination, int source, int offset, int value) {
        return switch (code) {
            case 0x61 -> "r%d = *(r%d + %d)".formatted(destination, source, offset);
            case 0xbc -> "r%d = r%d".formatted(destination, source);
            case 0xb4 -> "r%d = %d".formatted(destination, value);
            case 0x54 -> "r%d &= %x".formatted(destination, value);
            case 0x74 -> "r%d >>= %d".formatted(destination, value);
            case 0x05 -> "skip " + offset;
            case 0x55 -> "if r%d != %d skip %d".formatted(destination, value, offset);
            case 0x95 -> "exit";
            default -> "unknown instruction %x".formatted(code);
        };
    }
}
