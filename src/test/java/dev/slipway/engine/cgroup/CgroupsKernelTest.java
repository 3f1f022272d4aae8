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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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

    private final CgroupLab lab = new CgroupLab();

    static List<Hierarchies> hierarchies() throws IOException {
        return CgroupLab.hierarchies();
    }

    @AfterEach
    void dismantle() throws IOException {
        lab.close();
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_limit_of_processes_acts(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        Placement placement = cgroups.create(WEB, pids(3));

        Process process = lab.run(placement, "sleep 60 & sleep 60 & (sleep 60 & echo forked $!) 2>&1; exec sleep 60");

        assertTrue(process.inputReader().readLine().contains("Cannot fork"));
        assertTrue(cgroups.usage(WEB).orElseThrow().pids() <= 3);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void what_somebody_removed_while_nothing_ran_is_made_again(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        cgroups.dismantle();

        Placement placement = cgroups.create(WEB, pids(3));

        Process process = lab.run(placement, "echo here; exec sleep 60");
        assertEquals("here", process.inputReader().readLine());
        assertEquals(1, cgroups.usage(WEB).orElseThrow().pids());
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void each_limit_is_told_to_its_controller(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        Limits limits = new Limits(
                new Limits.Cpu(OptionalLong.of(250), OptionalLong.of(500), Optional.of("0")),
                new Limits.Memory(OptionalLong.of(8 << 20), OptionalLong.of(64 << 20), OptionalLong.of(16 << 20)),
                OptionalLong.of(7));

        Placement placement = cgroups.create(WEB, limits);

        Map<String, String> told = new TreeMap<>(Map.of("cpuset.cpus", "0", "pids.max", "7"));
        if (hierarchies.unifiedControllers().contains(Controller.CPU)) {
            told.putAll(Map.of("cpu.max", "50000 100000", "cpu.weight", "10"));
        } else {
            told.putAll(Map.of("cpu.cfs_quota_us", "50000", "cpu.shares", "256"));
        }
        if (hierarchies.unifiedControllers().contains(Controller.MEMORY)) {
            told.putAll(Map.of("memory.max", "67108864", "memory.oom.group", "1", "memory.low", "8388608"));
            told.put("memory.swap.max", "16777216");
        } else {
            told.putAll(Map.of("memory.limit_in_bytes", "67108864", "memory.memsw.limit_in_bytes", "83886080"));
        }
        // Kernels may be told not to count swap.
        told.keySet()
                .removeIf(file ->
                        file.matches(".*sw.*") && content(placement, file).equals("no file"));
        Map<String, String> found = new TreeMap<>(told);
        found.replaceAll((file, value) -> content(placement, file));
        assertEquals(told, found);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    @DisplayName("S40 a container that takes more memory than its limit is killed, and it is told why")
    void a_limit_of_memory_acts(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        Placement placement = cgroups.create(WEB, memory(16 << 20));
        assertEquals(0, cgroups.oomKills(WEB));

        Process process = lab.run(placement, HUNGRY);

        assertEquals(128 + 9, exit(process));
        // Version 2 kills the whole group, and counts who was chosen first a second time.
        assertTrue(cgroups.oomKills(WEB) > 0);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_limit_of_cpu_acts(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        Placement placement = cgroups.create(WEB, cpu(100));

        lab.run(placement, "while :; do :; done");

        Path stat = Stream.concat(placement.unified().stream(), placement.classic().stream())
                .map(directory -> directory.resolve("cpu.stat"))
                .filter(CgroupsKernelTest::countsThrottling)
                .findFirst()
                .orElseThrow();
        CgroupLab.await("throttled", () -> ControlFile.keyed(stat, "nr_throttled") > 2);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    @DisplayName("S33 a frozen container uses no cpu and goes on where it stood")
    void a_frozen_cgroup_uses_no_cpu(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        Placement placement = cgroups.create(WEB, Limits.NONE);
        Process process = lab.run(placement, "i=0; while :; do i=$((i+1)); done");
        CgroupLab.await("running", () -> cpu(cgroups) > 0);

        cgroups.freeze(WEB, CgroupLab.LIMIT);
        long frozen = cpu(cgroups);
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());

        assertEquals(frozen, cpu(cgroups));
        assertTrue(cgroups.isFrozen(WEB));
        assertTrue(process.isAlive());
        cgroups.thaw(WEB);
        CgroupLab.await("going on", () -> cpu(cgroups) > frozen);
        assertFalse(cgroups.isFrozen(WEB));
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_frozen_cgroup_is_killed_whole(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        Placement placement = cgroups.create(WEB, Limits.NONE);
        Process process = lab.run(placement, "sleep 600 & sleep 600 & echo here; wait");
        process.inputReader().readLine();
        cgroups.freeze(WEB, CgroupLab.LIMIT);

        cgroups.kill(WEB, CgroupLab.LIMIT);

        assertEquals(128 + 9, exit(process));
        CgroupLab.await("gone", () -> cgroups.usage(WEB).orElseThrow().pids() == 0);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void processes_that_fork_all_the_time_are_killed(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        Placement placement = cgroups.create(WEB, pids(50));
        lab.run(placement, "f() { while :; do (sleep 0.01 & sleep 0.02 &); done; }; f & f & f 2>/dev/null");
        CgroupLab.await("forking", () -> cgroups.usage(WEB).orElseThrow().pids() > 5);

        cgroups.kill(WEB, CgroupLab.LIMIT);

        // Who has ended counts until its parent has heard of it.
        CgroupLab.await("gone", () -> cgroups.usage(WEB).orElseThrow().pids() == 0);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    @DisplayName("S34 limits of a running container are changed in place")
    void limits_are_changed_in_place(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        Placement placement = cgroups.create(WEB, Limits.NONE);
        Process process = lab.run(placement, "echo here; read go; " + HUNGRY);
        process.inputReader().readLine();

        cgroups.update(WEB, memory(64 << 20));
        cgroups.update(WEB, memory(16 << 20));
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();

        assertEquals(128 + 9, exit(process));
        cgroups.update(WEB, Limits.NONE);
        Process free = lab.run(cgroups.create(WEB, Limits.NONE), HUNGRY);
        assertEquals(0, exit(free));
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void memory_that_is_in_use_is_not_taken_away(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        Placement placement = cgroups.create(WEB, memory(64 << 20));
        Process process =
                lab.run(placement, "x=$(head -c 24000000 /dev/zero | tr '\\0' x); echo here; read go; exit 7");
        process.inputReader().readLine();

        IOException refused = assertThrows(IOException.class, () -> cgroups.update(WEB, memory(16 << 20)));

        assertEquals(
                "limit memory to 16777216 bytes: more is in use, and it would be killed for that",
                refused.getMessage());
        cgroups.update(WEB, memory(48 << 20));
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        assertEquals(7, exit(process));
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_limit_comes_to_all_though_processes_begin_and_end_meanwhile(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        Process process = lab.run(
                cgroups.create(WEB, Limits.NONE),
                "for i in 1 2 3 4 5 6 7 8; do while :; do sleep 0.01; done & done; echo here; wait");
        process.inputReader().readLine();

        cgroups.update(WEB, pids(40));

        long lasting = cgroups.usage(WEB).orElseThrow().pids();
        assertTrue(lasting >= 9, "in the cgroup that counts them: " + lasting);
        assertEquals("40", CgroupLab.limit(hierarchies, WEB, Controller.PIDS, "pids.max", "pids.max"));
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void usage_counts_what_runs(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        Placement placement = cgroups.create(WEB, Limits.NONE);
        Process process = lab.run(placement, "sleep 600 & echo here; wait");
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
        Cgroups cgroups = lab.open(hierarchies);
        PodUid kept = new PodUid("kept");
        cgroups.create(CgroupName.of(kept, "web.0"), pids(5));
        Process process = lab.run(cgroups.create(WEB, memory(64 << 20)), "echo here; exec sleep 600");
        process.inputReader().readLine();

        cgroups.sweep(Set.of(kept));

        assertEquals(128 + 9, exit(process));
        assertEquals(Set.of(kept), cgroups.pods());
        cgroups.dismantle();
        assertEquals(
                List.of(),
                hierarchies.roots().stream()
                        .map(root -> root.resolve(CgroupLab.parent()))
                        .filter(Files::exists)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_cgroup_with_a_process_is_not_removed_and_says_so(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        lab.run(cgroups.create(WEB, Limits.NONE), "exec sleep 600").info();
        CgroupLab.await("joined", () -> cgroups.usage(WEB).orElseThrow().pids() == 1);

        IOException refused = assertThrows(IOException.class, () -> cgroups.remove(WEB));

        assertTrue(refused.getMessage().endsWith("a process is still in it"), refused.getMessage());
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void how_long_creating_and_joining_take(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
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

    @ParameterizedTest
    @MethodSource("hierarchies")
    void huge_pages_and_cpus_are_limited_where_the_kernel_can(Hierarchies hierarchies) throws IOException {
        Cgroups cgroups = lab.open(hierarchies);
        boolean canHugePages = hierarchies.home(Controller.HUGETLB).isPresent();
        Limits limits = new Limits(
                new Limits.Cpu(OptionalLong.empty(), OptionalLong.empty(), Optional.of("0")),
                Limits.Memory.NONE,
                OptionalLong.empty(),
                OptionalInt.empty(),
                canHugePages ? Map.of(2L << 20, 8L << 20) : Map.of());

        cgroups.create(POD, Limits.NONE);
        cgroups.create(WEB, limits);

        assertEquals("0", CgroupLab.limit(hierarchies, WEB, Controller.CPUSET, "cpuset.cpus", "cpuset.cpus"));
        if (canHugePages) {
            String set = CgroupLab.limit(
                    hierarchies, WEB, Controller.HUGETLB, "hugetlb.2MB.max", "hugetlb.2MB.limit_in_bytes");
            assertEquals(Long.toString(8 << 20), set);
        }
    }

    private static int exit(Process process) throws InterruptedException {
        assertTrue(process.waitFor(CgroupLab.LIMIT.toMillis(), TimeUnit.MILLISECONDS), "has not ended");
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
        return CgroupLab.cpu(cgroups, WEB);
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
}
