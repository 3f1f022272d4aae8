package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.launch.Capability;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ExecSpec;
import dev.slipway.engine.launch.Identity;
import dev.slipway.engine.launch.KernelView;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Mount.Access;
import dev.slipway.engine.launch.Mount.Kind;
import dev.slipway.engine.launch.Privileges;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.SeccompProfile;
import dev.slipway.engine.launch.Stdio;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Ways out of containers that worked with other launchers, tried on this one. Each is named after its CVE.
@Timeout(120)
class KnownAttacksKernelTest {
    private static final Path CORE_PATTERN = Path.of("/proc/sys/kernel/core_pattern");
    private static final Stdio TERMINAL = new Stdio(true, false, true);
    private static final int ATTEMPTS = 30;
    /// What each masked path is, one a line.
    private static final String LOOK = """
            for path in %s; do
              if [ -d $path ]; then ls $path | wc -l; elif [ -e $path ]; then stat -c %%t:%%T $path; fi
            done
            echo pwned > /proc/sys/kernel/core_pattern
            echo end
            """.formatted(String.join(" ", KernelView.MASKED_PATHS));

    private ShimLab lab;
    private Path volume;
    private String pattern = "";

    @BeforeEach
    void open() throws IOException {
        pattern = Files.readString(CORE_PATTERN);
        lab = new ShimLab();
        volume = Files.createDirectory(lab.home().resolve("volume"));
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
        assertEquals(pattern, Files.readString(CORE_PATTERN), "the host's");
    }

    @Test
    @DisplayName("CVE-2024-21626: a working directory by way of a descriptor of the host's")
    void no_process_begins_in_a_directory_of_a_descriptor() throws Exception {
        Files.createSymbolicLink(lab.layer().resolve("fds"), Path.of("/proc/self/fd"));
        ShimLab.Started started = lab.command("sleep", "60").start();
        Set<String> begun = new TreeSet<>();
        for (int fd = 3; fd < 24; fd++) {
            for (String cwd : List.of("/proc/self/fd/%d", "/fds/%d", "/proc/1/fd/%d")) {
                ProcessSpec process = process(Stdio.OUTPUT_ONLY, cwd.formatted(fd), "pwd; ls");
                ExecResult result = exec(started, process);
                if (result instanceof ExecResult.Running running) {
                    try (Execution execution = running.execution()) {
                        begun.add(cwd.formatted(fd) + " " + text(execution));
                    }
                }
            }
        }
        assertEquals(Set.of(), begun);

        String inside = "for fd in /proc/self/fd/* /proc/1/fd/*; do (cd $fd && ls) 2>/dev/null; done; echo end";
        assertEquals("end", lab.container(inside).output(), "nor does one find a directory to go to");
    }

    @Test
    @DisplayName("CVE-2025-31133: what hides files of the kernel is a link to one, laid by the image or a volume")
    void what_hides_is_the_null_device_of_the_host() throws Exception {
        Path dev = Files.createDirectory(lab.layer().resolve("dev"));
        Files.createSymbolicLink(dev.resolve("null"), CORE_PATTERN);
        requireHidden(lab.container(LOOK).output());

        Files.createSymbolicLink(volume.resolve("null"), CORE_PATTERN);
        requireHidden(lab.container(LOOK).mounts(on("/dev")).output());
    }

    @Test
    @DisplayName("CVE-2025-31133: what hides files of the kernel is exchanged with a link to one meanwhile")
    void what_hides_cannot_be_exchanged() throws Exception {
        Path link = volume.resolve("link");
        Path file = volume.resolve("file");
        AtomicBoolean goesOn = new AtomicBoolean(true);
        Thread attacker = Thread.ofPlatform().start(() -> exchange(link, file, volume.resolve("null"), goesOn));
        try {
            for (int i = 0; i < ATTEMPTS; i++) {
                ContainerDraft container = lab.container(LOOK).mounts(on("/dev"));
                requireHidden(container.output());
            }
        } finally {
            goesOn.set(false);
            attacker.join();
        }
    }

    /// Puts a link to a file of the kernel's and a plain file in one place by turns.
    private static void exchange(Path link, Path file, Path place, AtomicBoolean goesOn) {
        try {
            while (goesOn.get()) {
                Files.createSymbolicLink(link, CORE_PATTERN);
                Files.move(link, place, StandardCopyOption.ATOMIC_MOVE);
                Files.writeString(file, "");
                Files.move(file, place, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @DisplayName("CVE-2025-52565: the terminal of a container is a link to a file of the kernel")
    void a_terminal_is_the_kernel_s_and_its_console_gives_nothing_away() throws Exception {
        Files.createSymbolicLink(volume.resolve("ptmx"), CORE_PATTERN);
        Files.createSymbolicLink(volume.resolve("0"), CORE_PATTERN);
        requireNoTerminal("/dev/pts");
        Files.createSymbolicLink(volume.resolve("console"), CORE_PATTERN);
        requireNoTerminal("/dev");
        Files.createSymbolicLink(volume.resolve("pts"), Path.of("/proc/self/fd"));
        requireNoTerminal("/dev");

        String output = lab.container("echo pwned > /proc/sys/kernel/core_pattern; echo pwned > /dev/console; echo end")
                .stdio(true, false, true)
                .mounts(new Mount.Bind(
                        Files.createFile(volume.resolve("file")), "/dev/console", Kind.FILE, Access.READ_WRITE))
                .output();
        assertTrue(output.contains("core_pattern: Read-only file system") && output.contains("pwned"), output);
        assertEquals("", Files.readString(volume.resolve("file")), "the console is the terminal");
    }

    private void requireNoTerminal(String place) throws IOException, InterruptedException {
        StartResult.Failed failed =
                lab.container("true").stdio(true, false, true).mounts(on(place)).failure();
        assertTrue(failed.words().contains("/dev/pts"), failed.words());
    }

    @Test
    @DisplayName("CVE-2025-52565: a session's terminal comes from a directory that the container has laid out")
    void a_session_gets_no_terminal_but_the_kernel_s() throws Exception {
        ShimLab.Started started = lab.container("""
                        mount -t tmpfs none /dev/pts && cd /dev/pts
                        ln -s /proc/sys/kernel/core_pattern ptmx || busybox ln -s /proc/sys/kernel/core_pattern ptmx
                        echo laid; sleep 60
                        """).privileges(mounting()).start();
        started.awaitLine("laid");

        ExecResult.Refused refused = assertInstanceOf(
                ExecResult.Refused.class, exec(started, process(TERMINAL, "/", "echo pwned > /dev/tty")));

        assertTrue(
                refused.failure().words().contains("/dev/pts"),
                refused.failure().words());
    }

    @Test
    @DisplayName("CVE-2025-52881: what is told to the kernel is redirected by a /proc that is none")
    void what_is_told_to_the_kernel_reaches_nothing_else() throws Exception {
        Path parameter = volume.resolve("sys/kernel/shm_rmid_forced");
        Files.createDirectories(parameter.getParent());
        Path victim = Files.writeString(volume.resolve("victim"), "untouched");
        KernelView parameters =
                new KernelView("box", List.of(), List.of(), Map.of("kernel.shm_rmid_forced", "1"), List.of());
        Files.createSymbolicLink(parameter, Path.of("/proc/victim"));
        requireNoProc(lab.container("true").kernel(parameters).mounts(on("/proc")));
        Files.delete(parameter);
        Files.writeString(parameter, "untouched");
        requireNoProc(lab.container("true").kernel(parameters).mounts(on("/proc")));
        assertEquals("untouched", Files.readString(victim));
        assertEquals("untouched", Files.readString(parameter));

        Files.createSymbolicLink(volume.resolve("kcore"), CORE_PATTERN);
        requireNoProc(lab.container("true").mounts(on("/proc")));
        Files.delete(volume.resolve("kcore"));
        Files.createDirectory(volume.resolve("keys"));
        requireNoProc(lab.container("true").mounts(on("/proc")));
    }

    @Test
    @DisplayName("CVE-2025-52881: what is told about a process is redirected by a /proc that its container laid out")
    void what_is_told_about_a_process_comes_from_the_host_s_proc() throws Exception {
        String forged = "mkdir -p self/attr/apparmor thread-self/attr/apparmor; echo none > self/oom_score_adj;"
                + " echo none > thread-self/attr/apparmor/exec; echo none > self/attr/exec;";
        ShimLab.Started started = lab.container(
                        "mkdir /real && mount --bind /proc /real && mount -t tmpfs none /proc && cd /proc; " + forged
                                + " echo laid; until [ -e /tmp/go ]; do sleep 0.01; done;"
                                + " cat self/oom_score_adj self/attr/exec thread-self/attr/apparmor/exec")
                .privileges(mounting())
                .start();
        started.awaitLine("laid");

        ExecResult result =
                exec(started, process(Stdio.OUTPUT_ONLY, "/", "cat /real/self/oom_score_adj; touch /tmp/go"));

        try (Execution execution =
                assertInstanceOf(ExecResult.Running.class, result).execution()) {
            assertEquals("77\n", text(execution));
            assertEquals(OptionalInt.of(0), execution.await(ShimLab.LIMIT));
        }
        assertEquals("laid\nnone\nnone\nnone", started.awaitOutput());
    }

    private static void requireHidden(String output) {
        List<String> lines = output.lines().filter(line -> !line.contains(": ")).toList();
        assertEquals("end", lines.getLast(), output);
        assertTrue(lines.size() > 3, output);
        assertTrue(
                lines.subList(0, lines.size() - 1).stream().allMatch(line -> line.equals("1:3") || line.equals("0")),
                output);
        assertTrue(output.contains("core_pattern: Read-only file system"), output);
    }

    private static void requireNoProc(ContainerDraft container) throws IOException, InterruptedException {
        StartResult.Failed failed = container.failure();
        assertTrue(failed.words().contains("find procfs at /proc/"), failed.words());
    }

    private Mount on(String destination) {
        return new Mount.Bind(volume, destination, Kind.DIRECTORY, Access.READ_WRITE);
    }

    /// Of a container that may mount, as far as its namespaces go.
    private static Privileges mounting() {
        Set<Capability> all = new TreeSet<>(Capability.STANDARD);
        all.add(Capability.SYS_ADMIN);
        return new Privileges(all, false, SeccompProfile.RUNTIME_DEFAULT);
    }

    private ExecResult exec(ShimLab.Started container, ProcessSpec process) throws IOException, InterruptedException {
        return lab.shims().exec(new ExecSpec(container.pid(), process, CgroupPlacement.INHERITED), ShimLab.LIMIT);
    }

    private static ProcessSpec process(Stdio stdio, String cwd, String script) {
        return new ProcessSpec(
                List.of("sh", "-c", script),
                List.of("PATH=/bin"),
                cwd,
                Identity.ROOT,
                Privileges.standard(),
                List.of(),
                022,
                77,
                stdio);
    }

    private static String text(Execution execution) throws IOException {
        return new String(execution.stdout().readAllBytes(), StandardCharsets.UTF_8);
    }
}
