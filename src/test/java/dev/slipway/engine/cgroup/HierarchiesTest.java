package dev.slipway.engine.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.MountEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HierarchiesTest {
    @Test
    void a_host_with_version_2_only_has_all_controllers_there() {
        Hierarchies hierarchies = Hierarchies.of(
                mounts("30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate"),
                "cpuset cpu io memory hugetlb pids rdma\n");

        assertEquals(
                Set.of(
                        Controller.CPUSET,
                        Controller.CPU,
                        Controller.MEMORY,
                        Controller.PIDS,
                        Controller.IO,
                        Controller.HUGETLB),
                hierarchies.unifiedControllers());
        assertEquals(
                Optional.of(new Hierarchies.Home(Path.of("/sys/fs/cgroup"), true)),
                hierarchies.home(Controller.MEMORY));
        assertEquals(List.of(Path.of("/sys/fs/cgroup")), hierarchies.roots());
    }

    @Test
    void a_root_that_has_processes_hands_down_only_what_it_already_does(@TempDir Path root) throws IOException {
        Files.writeString(root.resolve("cgroup.controllers"), "cpu memory pids\n");
        Files.writeString(root.resolve("cgroup.subtree_control"), "pids\n");
        Files.writeString(root.resolve("cgroup.procs"), "1\n7\n");
        assertEquals("cpu memory pids\n", Hierarchies.controllers(root), "the outer one may have any");

        Files.writeString(root.resolve("cgroup.type"), "domain\n");
        assertEquals("pids\n", Hierarchies.controllers(root));

        Files.writeString(root.resolve("cgroup.procs"), "");
        assertEquals("cpu memory pids\n", Hierarchies.controllers(root));
    }

    @Test
    void controllers_that_are_mounted_together_share_a_root() {
        Hierarchies hierarchies = Hierarchies.of(
                mounts(
                        "1 0 0:1 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
                        "2 0 0:2 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer",
                        "3 0 0:3 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd"),
                "");

        assertEquals(hierarchies.home(Controller.CPU), hierarchies.home(Controller.CPUACCT));
        assertEquals(
                Set.of(Path.of("/sys/fs/cgroup/cpu,cpuacct"), Path.of("/sys/fs/cgroup/freezer")),
                Set.copyOf(hierarchies.roots()));
        assertEquals(Optional.empty(), hierarchies.home(Controller.MEMORY));
    }

    @Test
    void on_a_hybrid_host_each_controller_has_one_home() {
        Hierarchies hierarchies = Hierarchies.of(
                mounts(
                        "1 0 0:1 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
                        "2 0 0:2 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"),
                "pids");

        assertTrue(hierarchies.home(Controller.PIDS).orElseThrow().unified());
        assertEquals(
                new Hierarchies.Home(Path.of("/sys/fs/cgroup/memory"), false),
                hierarchies.home(Controller.MEMORY).orElseThrow());
    }

    @Test
    void a_host_without_usable_hierarchies_is_told_what_to_mount() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> Hierarchies.of(mounts("1 0 0:1 / /sys rw - sysfs sysfs rw"), ""));

        assertTrue(refused.getMessage().contains("mount -t cgroup2"), refused.getMessage());
    }

    private static List<MountEntry> mounts(String... lines) {
        return List.of(lines).stream().map(MountEntry::parse).toList();
    }
}
