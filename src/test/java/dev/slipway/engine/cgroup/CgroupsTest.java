package dev.slipway.engine.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is written to which file of either version, on directories that only look like hierarchies.
class CgroupsTest {
    private static final PodUid POD = new PodUid("pod");
    private static final CgroupName WEB = CgroupName.of(POD, "web.0");
    private static final Limits LIMITS = new Limits(
            new Limits.Cpu(OptionalLong.of(1000), OptionalLong.of(500), Optional.empty()),
            new Limits.Memory(OptionalLong.of(4096), OptionalLong.empty()),
            OptionalLong.of(9));

    @TempDir
    Path root;

    @Test
    void version_2_hands_controllers_down_to_the_container() throws IOException {
        Cgroups cgroups = new Cgroups(versionTwo(), "slipway");
        for (String directory : List.of("", "slipway", "slipway/pod", "slipway/pod/web.0")) {
            directory(
                    root.resolve(directory),
                    "cgroup.subtree_control",
                    "cpu.weight",
                    "cpu.max",
                    "memory.max",
                    "pids.max");
        }
        Files.writeString(root.resolve("cgroup.subtree_control"), "cpu\n");

        cgroups.open();
        Placement placement = cgroups.create(WEB, LIMITS);

        assertEquals(new Placement(Optional.of(root.resolve("slipway/pod/web.0")), List.of()), placement);
        assertEquals("+memory +pids", read("cgroup.subtree_control"));
        assertEquals("+cpu +memory +pids", read("slipway/cgroup.subtree_control"));
        assertEquals("+cpu +memory +pids", read("slipway/pod/cgroup.subtree_control"));
        assertEquals("", read("slipway/pod/web.0/cgroup.subtree_control"));
        assertEquals("39", read("slipway/pod/web.0/cpu.weight"));
        assertEquals("50000 100000", read("slipway/pod/web.0/cpu.max"));
        assertEquals("4096", read("slipway/pod/web.0/memory.max"));
        assertEquals("9", read("slipway/pod/web.0/pids.max"));
    }

    @Test
    void memory_that_is_asked_for_is_protected_all_the_way_up() throws IOException {
        Cgroups cgroups =
                new Cgroups(new Hierarchies(Optional.of(root), Set.of(Controller.MEMORY), Map.of()), "slipway");
        for (String directory : List.of("", "slipway", "slipway/pod", "slipway/pod/web.0", "slipway/pod/old.0")) {
            directory(root.resolve(directory), "cgroup.subtree_control", "memory.low", "memory.max");
        }
        Files.writeString(root.resolve("slipway/pod/old.0/memory.low"), "1000\n");

        cgroups.create(
                WEB,
                new Limits(
                        Limits.Cpu.NONE,
                        new Limits.Memory(OptionalLong.of(4096), OptionalLong.empty(), OptionalLong.empty()),
                        OptionalLong.empty()));

        assertEquals("4096", read("slipway/pod/web.0/memory.low"));
        assertEquals("5096", read("slipway/pod/memory.low"));
        assertEquals("5096", read("slipway/memory.low"));
    }

    @Test
    void a_pod_has_the_share_of_all_its_containers() throws IOException {
        Cgroups cgroups = new Cgroups(
                new Hierarchies(Optional.empty(), Set.of(), Map.of(Controller.CPU, root, Controller.FREEZER, root)),
                "slipway");
        for (String directory : List.of("", "slipway", "slipway/pod", "slipway/pod/web.0", "slipway/pod/db.0")) {
            directory(root.resolve(directory), "cgroup.procs", "cpu.shares", "cpu.cfs_period_us", "cpu.cfs_quota_us");
        }
        CgroupName other = CgroupName.of(POD, "db.0");
        Files.writeString(root.resolve("slipway/pod/web.0/cpu.shares"), "0\n");

        cgroups.create(other, Limits.NONE);
        assertEquals("2", read("slipway/pod/cpu.shares"));
        cgroups.create(WEB, cpu(500));
        assertEquals("514", read("slipway/pod/cpu.shares"));
        cgroups.update(WEB, cpu(1000));
        assertEquals("1026", read("slipway/pod/cpu.shares"));
    }

    @Test
    void a_share_that_cannot_be_set_keeps_nobody_from_starting() throws IOException {
        Cgroups cgroups = new Cgroups(
                new Hierarchies(Optional.empty(), Set.of(), Map.of(Controller.CPU, root, Controller.FREEZER, root)),
                "slipway");
        directory(root.resolve("slipway/pod/cpu.shares"));
        directory(
                root.resolve("slipway/pod/web.0"),
                "cgroup.procs",
                "cpu.shares",
                "cpu.cfs_period_us",
                "cpu.cfs_quota_us");
        directory(root.resolve("slipway/pod"), "cgroup.procs");

        cgroups.create(WEB, cpu(500));

        assertEquals("512", read("slipway/pod/web.0/cpu.shares"));
    }

    private static Limits cpu(long requestMillis) {
        return new Limits(
                new Limits.Cpu(OptionalLong.of(requestMillis), OptionalLong.empty(), Optional.empty()),
                Limits.Memory.NONE,
                OptionalLong.empty());
    }

    @Test
    void controllers_that_few_want_are_handed_down_only_to_them() throws IOException {
        Cgroups cgroups =
                weighing(new Hierarchies(Optional.of(root), Set.of(Controller.IO, Controller.HUGETLB), Map.of()));
        for (String directory : List.of("", "slipway", "slipway/pod", "slipway/pod/web.0")) {
            directory(root.resolve(directory), "cgroup.subtree_control", "io.weight", "hugetlb.2MB.max");
        }
        Files.writeString(root.resolve("io.cost.qos"), "8:0 enable=1 ctrl=auto\n");

        cgroups.create(WEB, Limits.NONE);
        assertEquals("", read("slipway/pod/cgroup.subtree_control"));
        cgroups.create(WEB, rare(OptionalInt.of(200)));

        assertEquals("+hugetlb +io", read("cgroup.subtree_control"));
        assertEquals("+hugetlb +io", read("slipway/pod/cgroup.subtree_control"));
        assertEquals("default 200", read("slipway/pod/web.0/io.weight"));
        assertEquals("4194304", read("slipway/pod/web.0/hugetlb.2MB.max"));
    }

    @ParameterizedTest
    @CsvSource({
        "none [mq-deadline] kyber bfq, io.weight, 8:0 enable=0 ctrl=auto",
        "[none] mq-deadline kyber bfq, io.bfq.weight, ",
        "none mq-deadline kyber [bfq], io.weight, 8:0 enable=0 ctrl=auto",
        "none mq-deadline kyber [bfq], other, "
    })
    void a_weight_that_nothing_reads_is_refused(String schedulers, String file, String costs) throws IOException {
        Cgroups cgroups = disk(schedulers, file, costs);

        IOException refused = assertThrows(IOException.class, () -> cgroups.create(WEB, weight(200)));

        assertTrue(refused.getMessage().contains("no disk of this host is shared by weights"), refused.getMessage());
        cgroups.create(WEB, Limits.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "[none] mq-deadline kyber bfq, io.weight, 8:0 enable=1 ctrl=auto, default 2000",
        "none mq-deadline kyber [bfq], io.bfq.weight, , 1000"
    })
    void a_weight_is_told_to_who_reads_it(String schedulers, String file, String costs, String told)
            throws IOException {
        disk(schedulers, file, costs).create(WEB, weight(2000));

        assertEquals(told, read("slipway/pod/web.0/" + file));
    }

    @Test
    void a_pod_has_the_highest_weight_of_its_containers() throws IOException {
        Cgroups cgroups = disk("[bfq]", "io.bfq.weight", null);
        CgroupName other = CgroupName.of(POD, "db.0");
        directory(root.resolve("slipway/pod/db.0"), "cgroup.subtree_control", "io.bfq.weight");
        Files.writeString(root.resolve("slipway/pod/db.0/io.bfq.weight"), "default 100\n");

        cgroups.create(WEB, weight(300));
        assertEquals("300", read("slipway/pod/io.bfq.weight"));
        cgroups.create(other, weight(900));
        assertEquals("900", read("slipway/pod/io.bfq.weight"));
        cgroups.create(other, weight(20));
        assertEquals("300", read("slipway/pod/io.bfq.weight"));
        assertEquals("", read("slipway/io.bfq.weight"), "among pods of other engines it counts as ever");
    }

    /// A host with one disk.
    private Cgroups disk(String schedulers, String file, @Nullable String costs) throws IOException {
        for (String directory : List.of("", "slipway", "slipway/pod", "slipway/pod/web.0")) {
            directory(root.resolve(directory), "cgroup.subtree_control", file);
        }
        Files.createDirectories(root.resolve("sys/block/sda/queue"));
        Files.writeString(root.resolve("sys/block/sda/queue/scheduler"), schedulers + "\n");
        Files.writeString(root.resolve("io.cost.qos"), costs == null ? "" : costs + "\n");
        return weighing(new Hierarchies(Optional.of(root), Set.of(Controller.IO), Map.of()));
    }

    private Cgroups weighing(Hierarchies hierarchies) {
        return new Cgroups(
                hierarchies,
                "slipway",
                OptionalLong.empty(),
                new Hierarchies.Host(root.resolve("sys"), Path.of("/proc/self/cgroup")));
    }

    private static Limits weight(int weight) {
        return new Limits(Limits.Cpu.NONE, Limits.Memory.NONE, OptionalLong.empty(), OptionalInt.of(weight), Map.of());
    }

    private static Limits rare(OptionalInt ioWeight) {
        return new Limits(
                Limits.Cpu.NONE, Limits.Memory.NONE, OptionalLong.empty(), ioWeight, Map.of(2L << 20, 4L << 20));
    }

    @Test
    void version_1_is_joined_only_where_there_is_a_limit() throws IOException {
        Cgroups cgroups = new Cgroups(versionOne(), "slipway");
        directory(root.resolve("pids/slipway/pod/web.0"), "pids.max");
        directory(root.resolve("memory/slipway"));
        directory(root.resolve("freezer/slipway/pod/web.0"));

        Placement placement = cgroups.create(WEB, new Limits(Limits.Cpu.NONE, Limits.Memory.NONE, OptionalLong.of(9)));

        assertEquals(
                new Placement(
                        Optional.empty(),
                        List.of(root.resolve("freezer/slipway/pod/web.0"), root.resolve("pids/slipway/pod/web.0"))),
                placement);
        assertEquals("9", read("pids/slipway/pod/web.0/pids.max"));
        assertTrue(Files.notExists(root.resolve("memory/slipway/pod")));
    }

    @ParameterizedTest
    @CsvSource({
        "/system.slice/slipway.service, 200000000, true",
        "/system.slice/slipway.service, 9223372036854771712, false",
        "/system.slice, 200000000, false",
        "/, 200000000, false"
    })
    void a_limit_of_the_engine_s_memory_is_not_its_containers(String engine, String limit, boolean isLimited)
            throws IOException {
        directory(root.resolve("pids/slipway/pod/web.0"), "pids.max");
        for (String each : List.of("memory", "memory/slipway", "memory/slipway/pod", "memory/slipway/pod/web.0")) {
            directory(
                    root.resolve(each),
                    "memory.limit_in_bytes",
                    "memory.memsw.limit_in_bytes",
                    "memory.soft_limit_in_bytes");
            Files.writeString(directory(root.resolve(each)).resolve("memory.use_hierarchy"), "1");
        }
        directory(root.resolve("freezer/slipway/pod/web.0"));
        Path service = directory(root.resolve("memory/system.slice/slipway.service"));
        Files.writeString(service.resolve("memory.limit_in_bytes"), limit + "\n");
        Path membership = Files.writeString(root.resolve("self"), "9:pids:/\n4:memory:%s\n0::/\n".formatted(engine));
        Cgroups cgroups = new Cgroups(
                versionOne(), "slipway", OptionalLong.empty(), new Hierarchies.Host(root.resolve("sys"), membership));

        Placement placement = cgroups.create(WEB, Limits.NONE);

        assertEquals(isLimited, placement.classic().contains(root.resolve("memory/slipway/pod/web.0")));
        assertEquals(isLimited ? "-1" : "", read("memory/slipway/pod/web.0/memory.limit_in_bytes"));
    }

    @Test
    void a_limit_without_its_controller_is_refused_by_name() throws IOException {
        Cgroups cgroups = new Cgroups(versionOne(), "slipway");

        IOException refused = assertThrows(
                IOException.class,
                () -> cgroups.create(
                        WEB,
                        new Limits(
                                new Limits.Cpu(OptionalLong.of(1), OptionalLong.empty(), Optional.empty()),
                                Limits.Memory.NONE,
                                OptionalLong.empty())));

        assertEquals("limit cpu: this host has no cpu controller mounted", refused.getMessage());
    }

    @Test
    void usage_of_version_2_leaves_out_file_pages_that_are_not_used() throws IOException {
        Cgroups cgroups = new Cgroups(versionTwo(), "slipway");
        Path web = root.resolve("slipway/pod/web.0");
        directory(web);
        Files.writeString(web.resolve("cpu.stat"), "usage_usec 1500\nuser_usec 1000\n");
        Files.writeString(web.resolve("memory.current"), "9000\n");
        Files.writeString(web.resolve("memory.stat"), "anon 7000\ninactive_file 2000\n");
        Files.writeString(web.resolve("pids.current"), "3\n");
        Files.writeString(web.resolve("memory.events"), "low 0\noom 2\noom_kill 1\noom_group_kill 1\n");

        assertEquals(Optional.of(new CgroupUsage(Duration.ofNanos(1_500_000), 7000, 3)), cgroups.usage(WEB));
        assertEquals(1, cgroups.oomKills(WEB));
        assertEquals(Optional.empty(), cgroups.usage(CgroupName.of(POD, "other")));
    }

    @Test
    void a_parent_or_name_that_is_a_path_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> new Cgroups(versionOne(), "../x"));
        assertThrows(IllegalArgumentException.class, () -> new Cgroups(versionOne(), "a/b"));
        assertThrows(IllegalArgumentException.class, () -> CgroupName.of(POD, ".."));
    }

    private Hierarchies versionTwo() {
        return new Hierarchies(Optional.of(root), Set.of(Controller.CPU, Controller.MEMORY, Controller.PIDS), Map.of());
    }

    private Hierarchies versionOne() {
        return new Hierarchies(
                Optional.empty(),
                Set.of(),
                Map.of(
                        Controller.PIDS, root.resolve("pids"),
                        Controller.MEMORY, root.resolve("memory"),
                        Controller.FREEZER, root.resolve("freezer")));
    }

    private static Path directory(Path directory, String... files) throws IOException {
        Files.createDirectories(directory);
        for (String file : files) {
            if (Files.notExists(directory.resolve(file))) {
                Files.createFile(directory.resolve(file));
            }
        }
        return directory;
    }

    private String read(String file) throws IOException {
        return Files.readString(root.resolve(file)).strip();
    }
}
