package dev.slipway.engine.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.launch.Stdio;
import dev.slipway.engine.linux.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The file of a plan against its description in C and the kernel's own headers.
class PlanWriterTest {
    private static final Path HEADER = Path.of("src/main/c/plan.h");
    private static final Pattern DEFINE = Pattern.compile("(?m)^#define (\\w+) (0x[0-9a-f]+|\\d+)\\b");

    @Test
    void java_and_c_agree_on_every_number() throws IOException {
        Map<String, Integer> expected = new TreeMap<>(Map.of(
                "PLAN_MAGIC", PlanWriter.MAGIC,
                "PLAN_VERSION", PlanWriter.VERSION,
                "PLAN_LARGEST", PlanWriter.LARGEST,
                "PLAN_REGISTERS", Slot.LIMIT,
                "PLAN_NO_REGISTER", PlanWriter.NO_REGISTER,
                "PLAN_TERMINAL", PlanWriter.TERMINAL,
                "PLAN_STDIN", PlanWriter.STDIN,
                "PLAN_STDIN_ONCE", PlanWriter.STDIN_ONCE,
                "PLAN_GUEST", PlanWriter.GUEST));
        expected.put("PLAN_LISTENER", PlanWriter.LISTENER);
        expected.put("PLAN_TARGET", PlanWriter.TARGET);
        for (Slot slot : List.of(Slot.STDIN, Slot.STDOUT, Slot.STDERR)) {
            expected.put("PLAN_REGISTER_" + slot.name().toUpperCase(Locale.ROOT), slot.number());
        }
        for (Call call : Call.values()) {
            if (call.number(Architecture.X86_64) >= 65536) {
                expected.put("PLAN_" + call.name(), call.number(Architecture.X86_64));
                assertEquals(call.number(Architecture.X86_64), call.number(Architecture.AARCH64));
            }
        }

        assertEquals(expected, new TreeMap<>(defines(HEADER)));
    }

    @Test
    void structures_have_the_sizes_that_c_asserts() throws IOException {
        String header = Files.readString(HEADER);

        assertTrue(header.contains("sizeof(struct plan_header) == " + PlanWriter.HEADER_BYTES));
        assertTrue(header.contains("sizeof(struct plan_step) == " + PlanWriter.STEP_BYTES));
    }

    @Test
    void system_call_numbers_are_those_of_the_kernel_s_headers() throws IOException {
        Map<String, Integer> x86 = defines(Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"));
        Map<String, Integer> arm = defines(Path.of("/usr/include/asm-generic/unistd.h"));
        // Where a call once had 32 bits, the generic header has its number under another name.
        List.of("fcntl", "fstatfs").forEach(call -> arm.put("__NR_" + call, arm.get("__NR3264_" + call)));

        for (Call call : Call.values()) {
            if (call.number(Architecture.X86_64) < 65536) {
                assertEquals(x86.get("__NR_" + call), call.number(Architecture.X86_64), call.toString());
                assertEquals(arm.get("__NR_" + call), call.number(Architecture.AARCH64), call.toString());
            }
        }
    }

    @Test
    void a_file_holds_what_the_step_says() {
        Slot slot = new Slot(7, "x");
        Step step = Step.of(
                        "try",
                        Call.OPENAT2,
                        new Argument.From(slot),
                        new Argument.Text("a/b"),
                        new Argument.Opening(List.of(OpenFlag.PATH, OpenFlag.DIRECTORY), 0, 0x10),
                        Argument.number(24))
                .into(slot)
                .tolerating(Errno.ENOENT, Errno.ENOTDIR)
                .skipping(3, 4);
        LaunchPlan plan = new LaunchPlan(List.of(step), new Stdio(true, false, false), true);

        for (Architecture architecture : Architecture.values()) {
            ByteBuffer file =
                    ByteBuffer.wrap(PlanWriter.write(plan, architecture)).order(ByteOrder.nativeOrder());

            assertEquals(PlanWriter.MAGIC, file.getInt(0));
            assertEquals(file.capacity(), file.getInt(8));
            assertEquals(PlanWriter.STDIN | PlanWriter.GUEST, file.getInt(12));
            assertEquals(1, file.getInt(16));
            assertEquals(2, file.getInt(20));
            assertEquals(437, file.getInt(64));
            assertEquals(7, file.getShort(68));
            assertEquals(1, file.getShort(70));
            assertEquals(3, file.getShort(72));
            assertEquals(4, file.getShort(74));
            assertEquals(2, file.getShort(76));
            assertEquals(20, file.getShort(78));
            assertEquals(7, file.getLong(80));
            assertEquals("a/b", string(file, (int) file.getLong(88)));
            long directory = architecture == Architecture.AARCH64 ? 040000 : 0200000;
            assertEquals(010000000 | 02000000 | directory, file.getLong((int) file.getLong(96)));
            assertEquals(0x10, file.getLong((int) file.getLong(96) + 16));
            assertEquals(88, file.getInt(128));
            assertEquals(96, file.getInt(132));
            assertEquals(0, file.get(file.capacity() - 1));
        }
    }

    @Test
    void what_a_shim_would_not_take_is_refused() {
        Step step = Step.of("execute", Call.EXECUTE, new Argument.Text("x".repeat(PlanWriter.LARGEST)));
        LaunchPlan plan = new LaunchPlan(List.of(step), Stdio.OUTPUT_ONLY, false);

        assertThrows(IllegalArgumentException.class, () -> PlanWriter.write(plan, Architecture.X86_64));
    }

    private static String string(ByteBuffer file, int offset) {
        int end = offset;
        while (file.get(end) != 0) {
            end++;
        }
        return new String(file.array(), offset, end - offset, StandardCharsets.UTF_8);
    }

    private static Map<String, Integer> defines(Path header) throws IOException {
        Map<String, Integer> found = new HashMap<>();
        Matcher matcher = DEFINE.matcher(Files.readString(header));
        while (matcher.find()) {
            found.put(matcher.group(1), Integer.decode(matcher.group(2)));
        }
        return found;
    }
}
