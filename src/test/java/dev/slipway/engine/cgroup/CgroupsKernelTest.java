package dev.slipway.engine.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Limits and control in the kernel, with the hierarchies as this host has them, and with those of version 1 alone.
class CgroupsKernelTest {
    private static final CgroupName POD = CgroupName.of(new PodUid("pod"));
    private static final CgroupName WEB = CgroupName.of(new PodUid("pod"), "web.0");
    /// Holds 50 MB.
    private static final String HUNGRY = "exec dd if=/dev/zero of=/dev/null bs=50000000 count=1 2>/dev/null";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final List<Process> started = new ArrayList<>();
    private final List<Cgroups> opened = new ArrayList<>();

    static List<Hierarchies> hierarchies() throws IOException {
        Hierarchies host = Hierarchies.detect();
        List<Hierarchies> all = new ArrayList<>(List.of(host));
        if (host.classic().containsKey(Controller.FREEZER)
                && host.classic().containsKey(Controller.PIDS)
                && host.unified().isPresent()) {
            all.add(new Hierarchies(Optional.empty(), Set.of(), host.classic()));
        }
        return all;
    }

    @AfterEach
    void dismantle() throws IOException {
        for (Cgroups cgroups : opened) {
            cgroups.dismantle();
        }
        started.forEach(Process::destroyForcibly);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_limit_of_processes_acts(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        Placement placement = cgroups.create(WEB, pids(3));

        Process process = run(placement, "sleep 60 & sleep 60 & (sleep 60 & echo forked $!) 2>&1; exec sleep 60");

        assertTrue(process.inputReader().readLine().contains("Cannot fork"));
        assertTrue(cgroups.usage(WEB).orElseThrow().pids() <= 3);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_container_of_which_nothing_is_said_does_not_take_all_processes_of_the_host(Hierarchies hierarchies)
            throws Exception {
        Cgroups cgroups = opened(new Cgroups(hierarchies, parent(), OptionalLong.of(3)));
        Placement placement = cgroups.create(WEB, Limits.NONE);

        Process process = run(placement, "sleep 60 & sleep 60 & (sleep 60 & echo forked $!) 2>&1; exec sleep 60");

        assertTrue(process.inputReader().readLine().contains("Cannot fork"));
        cgroups.update(WEB, pids(100));
        assertEquals("100", limit(hierarchies, Controller.PIDS, "pids.max", "pids.max"));
        cgroups.update(WEB, Limits.NONE);
        assertEquals("3", limit(hierarchies, Controller.PIDS, "pids.max", "pids.max"));
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    @DisplayName("S40 who asks for cpus gets them before who asks for none, in pods of their own")
    void who_asks_for_cpus_gets_them_first(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        CgroupName modest = CgroupName.of(new PodUid("modest"), "web.0");
        String spin = "taskset -p 1 $$ >/dev/null; while :; do :; done";
        run(cgroups.create(modest, Limits.NONE), spin);
        run(
                cgroups.create(
                        WEB,
                        new Limits(
                                new Limits.Cpu(OptionalLong.of(500), OptionalLong.empty(), Optional.empty()),
                                Limits.Memory.NONE,
                                OptionalLong.empty())),
                spin);
        await("spinning", () -> cpu(cgroups) > 50_000_000);
        long before = cpu(cgroups);
        long modestBefore = cpu(cgroups, modest);

        await("served", () -> cpu(cgroups) - before > 300_000_000);

        long modestHad = cpu(cgroups, modest) - modestBefore;
        assertTrue(modestHad < 150_000_000, "who asks for nothing had " + modestHad + " ns beside 300000000");
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void what_somebody_removed_while_nothing_ran_is_made_again(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        cgroups.dismantle();

        Placement placement = cgroups.create(WEB, pids(3));

        Process process = run(placement, "echo here; exec sleep 60");
        assertEquals("here", process.inputReader().readLine());
        assertEquals(1, cgroups.usage(WEB).orElseThrow().pids());
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void each_limit_is_told_to_its_controller(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        Limits limits = new Limits(
                new Limits.Cpu(OptionalLong.of(250), OptionalLong.of(500), Optional.of("0")),
                new Limits.Memory(OptionalLong.of(64 << 20), OptionalLong.empty()),
                OptionalLong.of(7));

        Placement placement = cgroups.create(WEB, limits);

        Map<String, String> told = new TreeMap<>(Map.of("cpuset.cpus", "0", "pids.max", "7"));
        if (hierarchies.unifiedControllers().contains(Controller.CPU)) {
            told.putAll(Map.of("cpu.max", "50000 100000", "cpu.weight", "10"));
        } else {
            told.putAll(Map.of("cpu.cfs_quota_us", "50000", "cpu.shares", "256"));
        }
        if (hierarchies.unifiedControllers().contains(Controller.MEMORY)) {
            told.putAll(Map.of("memory.max", "67108864", "memory.oom.group", "1"));
        } else {
            told.put("memory.limit_in_bytes", "67108864");
        }
        Map<String, String> found = new TreeMap<>(told);
        found.replaceAll((file, value) -> content(placement, file));
        assertEquals(told, found);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    @DisplayName("S40 a container that takes more memory than its limit is killed, and it is told why")
    void a_limit_of_memory_acts(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        Placement placement = cgroups.create(WEB, memory(16 << 20));
        assertEquals(0, cgroups.oomKills(WEB));

        Process process = run(placement, HUNGRY);

        assertEquals(128 + 9, exit(process));
        // Version 2 kills the whole group, and counts who was chosen first a second time.
        assertTrue(cgroups.oomKills(WEB) > 0);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_limit_of_cpu_acts(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        Placement placement = cgroups.create(WEB, cpu(100));

        run(placement, "while :; do :; done");

        Path stat = Stream.concat(placement.unified().stream(), placement.classic().stream())
                .map(directory -> directory.resolve("cpu.stat"))
                .filter(CgroupsKernelTest::countsThrottling)
                .findFirst()
                .orElseThrow();
        await("throttled", () -> ControlFile.keyed(stat, "nr_throttled") > 2);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    @DisplayName("S33 a frozen container uses no cpu and goes on where it stood")
    void a_frozen_cgroup_uses_no_cpu(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        Placement placement = cgroups.create(WEB, Limits.NONE);
        Process process = run(placement, "i=0; while :; do i=$((i+1)); done");
        await("running", () -> cpu(cgroups) > 0);

        cgroups.freeze(WEB, LIMIT);
        long frozen = cpu(cgroups);
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());

        assertEquals(frozen, cpu(cgroups));
        assertTrue(cgroups.isFrozen(WEB));
        assertTrue(process.isAlive());
        cgroups.thaw(WEB);
        await("going on", () -> cpu(cgroups) > frozen);
        assertFalse(cgroups.isFrozen(WEB));
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_frozen_cgroup_is_killed_whole(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        Placement placement = cgroups.create(WEB, Limits.NONE);
        Process process = run(placement, "sleep 600 & sleep 600 & echo here; wait");
        process.inputReader().readLine();
        cgroups.freeze(WEB, LIMIT);

        cgroups.kill(WEB, LIMIT);

        assertEquals(128 + 9, exit(process));
        await("gone", () -> cgroups.usage(WEB).orElseThrow().pids() == 0);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void processes_that_fork_all_the_time_are_killed(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        Placement placement = cgroups.create(WEB, pids(50));
        run(placement, "f() { while :; do (sleep 0.01 & sleep 0.02 &); done; }; f & f & f 2>/dev/null");
        await("forking", () -> cgroups.usage(WEB).orElseThrow().pids() > 5);

        cgroups.kill(WEB, LIMIT);

        // Who has ended counts until its parent has heard of it.
        await("gone", () -> cgroups.usage(WEB).orElseThrow().pids() == 0);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    @DisplayName("S34 limits of a running container are changed in place")
    void limits_are_changed_in_place(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        Placement placement = cgroups.create(WEB, Limits.NONE);
        Process process = run(placement, "echo here; read go; " + HUNGRY);
        process.inputReader().readLine();

        cgroups.update(WEB, memory(64 << 20));
        cgroups.update(WEB, memory(16 << 20));
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();

        assertEquals(128 + 9, exit(process));
        cgroups.update(WEB, Limits.NONE);
        Process free = run(cgroups.create(WEB, Limits.NONE), HUNGRY);
        assertEquals(0, exit(free));
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void usage_counts_what_runs(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        Placement placement = cgroups.create(WEB, Limits.NONE);
        Process process = run(placement, "sleep 600 & echo here; wait");
        process.inputReader().readLine();

        CgroupUsage usage = cgroups.usage(WEB).orElseThrow();
        CgroupUsage ofPod = cgroups.usage(POD).orElseThrow();

        assertEquals(2, usage.pids());
        assertEquals(2, ofPod.pids());
        assertTrue(usage.memoryBytes() > 10_000, usage.toString());
        assertNotEquals(Duration.ZERO, usage.cpu());
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    @DisplayName("S32 pods that nobody owns are killed and leave no cgroup")
    void a_sweep_leaves_nothing_of_pods_that_nobody_owns(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        PodUid kept = new PodUid("kept");
        cgroups.create(CgroupName.of(kept, "web.0"), pids(5));
        Process process = run(cgroups.create(WEB, memory(64 << 20)), "echo here; exec sleep 600");
        process.inputReader().readLine();

        cgroups.sweep(Set.of(kept));

        assertEquals(128 + 9, exit(process));
        assertEquals(Set.of(kept), cgroups.pods());
        cgroups.dismantle();
        assertEquals(
                List.of(),
                hierarchies.roots().stream()
                        .map(root -> root.resolve(parent()))
                        .filter(Files::exists)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_cgroup_with_a_process_is_not_removed_and_says_so(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        run(cgroups.create(WEB, Limits.NONE), "exec sleep 600").info();
        await("joined", () -> cgroups.usage(WEB).orElseThrow().pids() == 1);

        IOException refused = assertThrows(IOException.class, () -> cgroups.remove(WEB));

        assertTrue(refused.getMessage().endsWith("a process is still in it"), refused.getMessage());
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void how_long_creating_and_joining_take(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        List<Long> create = new ArrayList<>();
        List<Long> remove = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            CgroupName name = CgroupName.of(new PodUid("pod" + i), "web.0");
            long start = System.nanoTime();
            cgroups.create(name, pids(5));
            long created = System.nanoTime();
            cgroups.remove(CgroupName.of(name.pod()));
            create.add((created - start) / 1000);
            remove.add((System.nanoTime() - created) / 1000);
        }
        System.out.printf(
                "%s: create, us: %s; remove, us: %s%n",
                hierarchies.unified().isPresent() ? "with unified" : "version 1 alone",
                create.stream().sorted().toList(),
                remove.stream().sorted().toList());
        assertEquals(Set.of(), cgroups.pods());
    }

    private Cgroups open(Hierarchies hierarchies) throws IOException {
        return opened(new Cgroups(hierarchies, parent()));
    }

    private Cgroups opened(Cgroups cgroups) throws IOException {
        opened.add(cgroups);
        cgroups.open();
        return cgroups;
    }

    private static String parent() {
        return "slipwaytest" + ProcessHandle.current().pid();
    }

    /// Starts a shell that joins the cgroup as a container does: by itself, while it has one thread.
    private Process run(Placement placement, String script) throws IOException {
        String joins = Stream.concat(
                        placement.classic().stream().map(directory -> directory.resolve("tasks")),
                        placement.unified().stream().map(directory -> directory.resolve("cgroup.procs")))
                .map(file -> "echo 0 > " + file + " && ")
                .collect(Collectors.joining());
        Process process = new ProcessBuilder("sh", "-c", joins + "{ " + script + "; }")
                .redirectErrorStream(true)
                .start();
        started.add(process);
        return process;
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void huge_pages_and_cpus_are_limited_where_the_kernel_can(Hierarchies hierarchies) throws IOException {
        Cgroups cgroups = open(hierarchies);
        boolean canHugePages = hierarchies.home(Controller.HUGETLB).isPresent();
        Limits limits = new Limits(
                new Limits.Cpu(OptionalLong.empty(), OptionalLong.empty(), Optional.of("0")),
                Limits.Memory.NONE,
                OptionalLong.empty(),
                OptionalInt.empty(),
                canHugePages ? Map.of(2L << 20, 8L << 20) : Map.of());

        cgroups.create(POD, Limits.NONE);
        cgroups.create(WEB, limits);

        assertEquals("0", limit(hierarchies, Controller.CPUSET, "cpuset.cpus", "cpuset.cpus"));
        if (canHugePages) {
            String set = limit(hierarchies, Controller.HUGETLB, "hugetlb.2MB.max", "hugetlb.2MB.limit_in_bytes");
            assertEquals(Long.toString(8 << 20), set);
        }
    }

    private String limit(Hierarchies hierarchies, Controller controller, String unified, String classic)
            throws IOException {
        Hierarchies.Home home = hierarchies.home(controller).orElseThrow();
        Path directory = WEB.below(home.root().resolve(parent()));
        return ControlFile.read(directory.resolve(home.unified() ? unified : classic));
    }

    private static int exit(Process process) throws InterruptedException {
        assertTrue(process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS), "has not ended");
        return process.exitValue();
    }

    private static String content(Placement placement, String file) {
        return Stream.concat(placement.unified().stream(), placement.classic().stream())
                .map(directory -> directory.resolve(file))
                .filter(Files::exists)
                .map(path -> {
                    try {
                        return Files.readString(path).strip();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .findFirst()
                .orElse("no file");
    }

    private static boolean countsThrottling(Path stat) {
        try {
            return Files.exists(stat) && Files.readString(stat).contains("nr_throttled");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long cpu(Cgroups cgroups) throws IOException {
        return cpu(cgroups, WEB);
    }

    private static long cpu(Cgroups cgroups, CgroupName name) throws IOException {
        return cgroups.usage(name).orElseThrow().cpu().toNanos();
    }

    private static Limits pids(long most) {
        return new Limits(Limits.Cpu.NONE, Limits.Memory.NONE, OptionalLong.of(most));
    }

    private static Limits memory(long bytes) {
        return new Limits(
                Limits.Cpu.NONE, new Limits.Memory(OptionalLong.of(bytes), OptionalLong.empty()), OptionalLong.empty());
    }

    private static Limits cpu(long millis) {
        return new Limits(
                new Limits.Cpu(OptionalLong.empty(), OptionalLong.of(millis), Optional.empty()),
                Limits.Memory.NONE,
                OptionalLong.empty());
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.call()) {
            assertTrue(System.nanoTime() - deadline < 0, "still not " + what);
            LockSupport.parkNanos(2_000_000);
        }
    }
}
