package dev.slipway.engine.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.engine.linux.FilteredThread;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The filter as this kernel understands it.
class DefaultFilterKernelTest {
    private static final long EPERM = -1;
    private static final long ENOSYS = -38;
    private static final long EINVAL = -22;
    private static final Set<String> NO_CAPABILITIES = Set.of();

    @TempDir
    private Path directory;

    @Test
    void a_filtered_thread_can_do_its_work_and_nothing_to_the_host() throws IOException {
        FilteredThread.run(filter(NO_CAPABILITIES), () -> {
            assertTrue(call("getpid") > 0);
            assertEquals(EPERM, call("unshare", 0x10000000), "unshare");
            assertEquals(EPERM, call("mount", 0, 0, 0, 0, 0), "mount");
            assertEquals(EPERM, call("keyctl", 0, 0, 0, 0, 0), "keyctl");
            assertEquals(EPERM, call("bpf", 0, 0, 0), "bpf");
            assertEquals(EPERM, call("chroot", 0), "chroot");
            assertEquals(EPERM, call("io_uring_setup", 0, 0), "io_uring_setup");
            assertEquals(ENOSYS, call("clone3", 0, 0), "clone3");
            assertEquals(ENOSYS, FilteredThread.call(100_000), "a call that no kernel has");
            return null;
        });
    }

    @Test
    void arguments_are_judged() throws IOException {
        FilteredThread.run(filter(NO_CAPABILITIES), () -> {
            assertEquals(0, call("personality", 0xffffffffL), "question");
            assertEquals(EPERM, call("personality", 0x0040000), "ADDR_NO_RANDOMIZE");
            assertEquals(EPERM, call("socket", 40, 1, 0), "AF_VSOCK");
            assertEquals(EPERM, call("socket", 38, 5, 0), "AF_ALG");
            assertEquals(EINVAL, call("socket", 1, 99, 0), "AF_UNIX with an impossible type");
            assertEquals(EPERM, call("clone", 0x10000011, 0, 0, 0, 0), "CLONE_NEWUSER");
            return null;
        });
    }

    @Test
    void the_capability_of_an_administrator_opens_the_way_to_the_kernel() throws IOException {
        FilteredThread.run(filter(Set.of("SYS_ADMIN")), () -> {
            assertEquals(0, call("unshare", 0), "unshare");
            assertEquals(EINVAL, call("clone3", 0, 0), "clone3 without arguments");
            return null;
        });
    }

    @Test
    void programs_run_under_the_filter() throws IOException {
        assertEquals("0 uid=0", run("sh", "-c", "echo $(busybox id | cut -d'(' -f1)"));
        assertEquals(
                "1 unshare: unshare(0x10000000): Operation not permitted", run("busybox", "unshare", "-U", "true"));
    }

    @Test
    void a_32_bit_program_runs_by_its_own_numbers() throws IOException {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "i386 programs run on x86_64 only");
        // Exits with what mount(2), number 21 of i386, answers: 1 for EPERM. 21 of x86_64 is allowed.
        Path source = Files.writeString(directory.resolve("mount.S"), """
                .globl _start
                _start:
                    movl $21, %eax
                    xorl %ebx, %ebx
                    int $0x80
                    negl %eax
                    movl %eax, %ebx
                    movl $1, %eax
                    int $0x80
                """);
        Path program = directory.resolve("mount");
        assertEquals(0, execute(List.of("cc", "-m32", "-nostdlib", "-static", "-o", program + "", source + "")).status);
        boolean runs = !execute(List.of("sh", "-c", program + "")).output.contains("format error");
        assumeTrue(runs, "this kernel runs no 32-bit programs");

        assertEquals(1, FilteredThread.run(filter(NO_CAPABILITIES), () -> execute(List.of(program + ""))).status);
    }

    @Test
    void numbers_are_those_of_the_kernels_headers() throws IOException {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "headers of other architectures are not here");
        Map<String, Integer> wrong = new TreeMap<>();
        wrong.putAll(unlike(Architecture.X86_64, header("asm/unistd.h")));
        wrong.putAll(unlike(Architecture.I386, header("asm/unistd.h", "-U__x86_64__", "-U__ILP32__", "-D__i386__")));
        wrong.putAll(unlike(
                Architecture.AARCH64,
                header(
                        "asm-generic/unistd.h",
                        "-D__ARCH_WANT_RENAMEAT",
                        "-D__ARCH_WANT_NEW_STAT",
                        "-D__ARCH_WANT_SET_GET_RLIMIT",
                        "-D__ARCH_WANT_SYS_CLONE3",
                        "-D__ARCH_WANT_MEMFD_SECRET")));
        assertEquals(Map.of(), wrong);
    }

    private static byte[] filter(Set<String> capabilities) {
        return DefaultFilter.ofThisMachine().compile(capabilities);
    }

    private static long call(String name, long... arguments) {
        Architecture own = Architecture.of(System.getProperty("os.arch")).getFirst();
        int number = SyscallTable.read().of(own).stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow()
                .number(own);
        return FilteredThread.call(number, arguments);
    }

    private static String run(String... command) throws IOException {
        Ended ended = FilteredThread.run(filter(NO_CAPABILITIES), () -> execute(List.of(command)));
        return ended.status + " " + ended.output.strip();
    }

    private record Ended(int status, String output) {}

    private static Ended execute(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertTrue(process.waitFor(10, TimeUnit.SECONDS), "ends: " + command);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return new Ended(process.exitValue(), output);
    }

    /// Numbers that a header names, as the compiler sees it.
    private static Map<String, Integer> header(String name, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("cc", "-dM", "-E", "-include", name, "-x", "c"));
        command.addAll(List.of(options));
        command.add("/dev/null");
        Map<String, String> macros = new HashMap<>();
        Matcher lines = Pattern.compile("(?m)^#define (__NR\\w*) (\\w+)$").matcher(execute(command).output);
        while (lines.find()) {
            macros.put(lines.group(1), lines.group(2));
        }
        assertTrue(macros.size() > 300, "system calls in " + name + ": " + macros.size());
        Map<String, Integer> numbers = new HashMap<>();
        macros.forEach((macro, value) -> {
            String number = macros.getOrDefault(value, value);
            if (macro.startsWith("__NR_") && number.matches("\\d+")) {
                numbers.put(macro.substring("__NR_".length()), Integer.valueOf(number));
            }
        });
        return numbers;
    }

    /// What the table has under other numbers, or not at all.
    private static Map<String, Integer> unlike(Architecture architecture, Map<String, Integer> header) {
        Map<String, Integer> unlike = new TreeMap<>(header);
        SyscallTable.read().of(architecture).forEach(row -> unlike.remove(row.name(), row.number(architecture)));
        unlike.remove("syscalls");
        unlike.remove("arch_specific_syscall");
        return unlike;
    }
}
