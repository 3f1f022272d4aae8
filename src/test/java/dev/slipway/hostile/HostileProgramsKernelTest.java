package dev.slipway.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.runtime.ContainerState;
import dev.slipway.engine.runtime.Requests;
import dev.slipway.engine.runtime.Resources;
import dev.slipway.engine.runtime.RuntimeLab;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.runtime.StartOutcome;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.shim.Execution;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// Hostile programs that wait for their moment, and hostile images.
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileProgramsKernelTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /// Doors that what is mounted on /proc, /sys and /dev keeps shut.
    private static final String[] OF_KERNEL = {
        "host_file",
        "leaked_descriptors",
        "mknod_disk",
        "image_device",
        "more_devices",
        "write_core_pattern",
        "write_ip_forward",
        "write_sysrq_trigger",
        "write_cgroup_procs",
        "make_cgroup",
        "read_keys",
        "read_timer_list",
        "read_block_devices"
    };

    private HostileLab lab;

    @BeforeAll
    void open() throws Exception {
        lab = HostileLab.open();
    }

    @AfterAll
    void close() throws Exception {
        lab.close();
    }

    @Test
    @DisplayName("S40 who enters a container is not robbed by the programs in it (CVE-2019-5736)")
    void who_enters_a_container_is_not_robbed() throws Exception {
        PodUid pod = lab.pod("watched", false, Map.of());
        ContainerName main = new ContainerName(pod, "main");
        List<String> watch = List.of("/knock", fact("HOST_FILE"), "watch");
        lab.runtime().started(HostileLab.container(pod, "main", 0, watch.toArray(String[]::new)));
        awaitLog(main, "watching");

        // Until it was met on its way, and after it was made to execute the engine's program.
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!(logged(main, "caught ") && logged(main, "mode ")) && System.nanoTime() < deadline) {
            execute(main, "/self");
            execute(main, "/bin/busybox", "true");
        }
        execute(main, "/bin/busybox", "touch", "/tmp/stop");

        lab.runtime().awaitEnd(main, 0);
        String log = lab.runtime().log(main, 0);
        assertTrue(log.contains("caught ") && log.contains("mode EROFS"), log);
        // Who shows the container's root meanwhile executes a program of the container, which is its own to look into.
        String met = log.replace("root ENOENT\nmem open", "");
        assertFalse(met.contains("leak") || met.contains(" open"), log);
    }

    @Test
    @DisplayName(
            "S40 a program that exchanges paths of a volume gets none of the host's mounted (CVE-2021-25741, CVE-2024-45310)")
    void a_program_that_exchanges_paths_gets_none_of_the_host_s() throws Exception {
        Path outside = lab.programs().directory("outside");
        Files.writeString(outside.resolve("secret"), "of the host");
        PodUid pod = lab.pod("swapping", false, Map.of("data", new PodVolume.EmptyDir(false, Optional.empty())));
        ContainerName attacker = new ContainerName(pod, "attacker");
        lab.runtime()
                .started(mounting(
                        HostileLab.container(pod, "attacker", 0, "/bin/sh", "-c", """
                        busybox=/bin/busybox
                        $busybox mkdir /data/real && $busybox ln -s %s /data/link
                        exec /knock swap /data/real /data/link""".formatted(outside)),
                        new VolumeMount("data", "/data", "", false, "None")));
        awaitLog(attacker, "swapping");

        // What is mounted below a link to nothing takes the link away: it comes last.
        String outcomes = "";
        int attempt = 0;
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!(outcomes.contains("started") && outcomes.contains("EXDEV")) && System.nanoTime() < deadline) {
            outcomes += victim(pod, attempt++, new VolumeMount("data", "/sub", "real", false, "None"));
        }
        assertEquals("swapping\n", lab.runtime().log(attacker, 0), "it goes on");
        assertInstanceOf(
                ContainerState.Running.class, lab.runtime().attempt(attacker, 0).state());
        String below = victim(
                pod,
                attempt,
                new VolumeMount("data", "/data", "", false, "None"),
                new VolumeMount("data", "/data/real/below", "", false, "None"));
        execute(attacker, "/bin/busybox", "touch", "/data/stop");
        lab.runtime().awaitEnd(attacker, 0);

        assertFalse((outcomes + below).contains("of the host"), outcomes + below);
        assertEquals(List.of("secret"), names(outside), "nothing was made outside");
        assertTrue(outcomes.contains("started") && outcomes.contains("EXDEV"), outcomes);
        String said = lab.runtime().log(attacker, 0);
        // Whether it is told to stop first, or misses the link that the last one took away.
        assertTrue(said.matches("swapping\n(exchanged [1-9]\\d*|swap ENOENT after [1-9]\\d*)\n"), said);
    }

    /// One more container whose mounts lead through what is exchanged; says what became of it.
    private String victim(PodUid pod, int attempt, VolumeMount... mounts) throws Exception {
        String script = "/bin/busybox cat /sub/secret /data/real/secret /data/real/below/secret; exit 0";
        ContainerRequest request =
                mounting(HostileLab.container(pod, "victim", attempt, "/bin/sh", "-c", script), mounts);
        StartOutcome outcome = lab.runtime().runtime().start(request);
        if (!(outcome instanceof StartOutcome.Started)) {
            return outcome + "\n";
        }
        ContainerName name = new ContainerName(pod, "victim");
        lab.runtime().awaitEnd(name, attempt);
        return "started " + lab.runtime().log(name, attempt);
    }

    @Test
    @DisplayName("S40 a setuid program gains nothing where privileges may not grow, and does where they may")
    void a_setuid_program_gains_nothing_without_permission() throws Exception {
        PodUid pod = lab.pod("raising", false, Map.of());
        ContainerRequest request = HostileLab.container(pod, "main", 0, "/raise", "whoami");

        String bound = lab.runtime().output(Requests.withSecurity(request, HostileLab.ofUser(1000, false)));
        String free = lab.runtime()
                .output(Requests.withSecurity(
                        HostileLab.container(pod, "main", 1, "/raise", "whoami"), HostileLab.ofUser(1000, true)));

        assertEquals("uid 1000 gid 0\n", bound);
        assertEquals("uid 0 gid 0\n", free);
    }

    @Test
    @DisplayName("S40 a fork bomb stays within its limit, and a glutton too")
    void programs_stay_within_their_limits() throws Exception {
        PodUid pod = lab.pod("greedy", true, Map.of());
        Resources limits = new Resources(
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.of(32 << 20),
                OptionalLong.of(20),
                0);

        String children = lab.runtime()
                .output(Requests.withResources(HostileLab.container(pod, "main", 0, "/knock", "multiply"), limits));
        String memory = lab.runtime()
                .output(Requests.withResources(HostileLab.container(pod, "main", 1, "/knock", "eat"), limits));
        String free = lab.runtime()
                .output(HostileLab.container(pod, "main", 2, "/bin/sh", "-c", "/knock multiply; /knock eat"));

        assertEquals("children 19 EAGAIN\n", children);
        assertEquals("eaten KILL\n", memory);
        assertEquals("children 100 open\neaten open\n", free);
    }

    @Test
    @DisplayName("S40 an image that declares volumes in the kernel's file systems opens no door")
    void an_image_with_volumes_in_the_kernel_s_places_opens_no_door() throws Exception {
        Map<String, Set<String>> notShut = new TreeMap<>();
        Set<String> refused = new TreeSet<>();
        int attempt = 0;
        PodUid pod = lab.pod("volumes", false, Map.of());
        for (String path : List.of("/proc", "/proc/sys", "/proc/self", "/sys", "/sys/fs/cgroup", "/dev", "/dev/pts")) {
            StartOutcome outcome = lab.runtime()
                    .runtime()
                    .start(HostileLab.container(
                            pod, "main", attempt, Set.of(path), lab.programs().knocking(OF_KERNEL)));
            if (outcome instanceof StartOutcome.Started) {
                ContainerName main = new ContainerName(pod, "main");
                lab.runtime().awaitEnd(main, attempt);
                notShut.put(path, notShut(lab.runtime().log(main, attempt)));
            } else {
                refused.add(path);
            }
            attempt++;
        }

        notShut.values().removeIf(Set::isEmpty);
        assertEquals(Map.of(), notShut);
        assertEquals(Set.of("/proc", "/proc/sys", "/proc/self"), refused, "what keeps a container in");
    }

    /// The doors of [#OF_KERNEL] that are open, or that nobody tried.
    private static Set<String> notShut(String log) {
        Map<String, String> answers = Door.answers(log);
        return Stream.of(OF_KERNEL)
                .filter(door -> answers.getOrDefault(door, Door.OPEN).equals(Door.OPEN))
                .collect(Collectors.toSet());
    }

    private String fact(String name) {
        return lab.programs().knocking().stream()
                .filter(word -> word.startsWith(name + "="))
                .findFirst()
                .orElseThrow();
    }

    private void awaitLog(ContainerName container, String wanted) {
        RuntimeLab.await(() -> logged(container, wanted));
    }

    private boolean logged(ContainerName container, String wanted) {
        try {
            Path log = lab.runtime().runtime().log(container, 0);
            return Files.exists(log) && lab.runtime().log(container, 0).contains(wanted);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whoever is in the way of a hostile program may be ended by it.
    private void execute(ContainerName container, String... argv) throws Exception {
        ExecResult result = lab.runtime().runtime().exec(container, new Command(List.of(argv), false, false));
        if (result instanceof ExecResult.Running running) {
            try (Execution execution = running.execution()) {
                execution.await(Duration.ofSeconds(20));
            }
        }
    }

    private static ContainerRequest mounting(ContainerRequest request, VolumeMount... mounts) {
        return Requests.withMounts(request, mounts);
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }
}
