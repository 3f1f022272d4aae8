package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.launch.Capability;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.launch.Namespaces;
import dev.slipway.engine.launch.Privileges;
import dev.slipway.engine.launch.ResourceLimit;
import dev.slipway.engine.launch.SeccompProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What a container is apart from, and what it is not allowed.
class IsolationKernelTest {
    private ShimLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = new ShimLab();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void each_namespace_is_its_own() throws Exception {
        ShimLab.Started started = lab.container("hostname; sleep 60").start();
        started.awaitLine("box");

        for (String kind : List.of("mnt", "pid", "uts", "ipc", "net", "cgroup")) {
            assertNotEquals(namespace("self", kind), namespace(Integer.toString(started.pid()), kind), kind);
        }
    }

    @Test
    void namespaces_can_be_the_host_s_or_another_s() throws Exception {
        ShimLab.Started first = lab.container("sleep 60").start();
        Namespace.Host host = new Namespace.Host();
        ShimLab.Started second = lab.container("sleep 60")
                .namespaces(new Namespaces(
                        existing(first, "pid"), host, existing(first, "ipc"), existing(first, "net"), host))
                .start();

        for (String kind : List.of("pid", "ipc", "net")) {
            assertEquals(namespace(first.pid(), kind), namespace(second.pid(), kind), kind);
        }
        for (String kind : List.of("uts", "cgroup")) {
            assertEquals(namespace("self", kind), namespace(second.pid(), kind), kind);
        }
    }

    @Test
    void the_process_is_the_first_of_its_pid_namespace_and_sees_no_other() throws Exception {
        String output = lab.container("echo $$; ls -d /proc/[0-9]*").output();

        assertTrue(output.startsWith("1\n/proc/1"), output);
        assertTrue(output.lines().count() <= 3, output);
    }

    @Test
    void a_network_namespace_of_its_own_has_a_loopback_interface_that_is_up() throws Exception {
        assertTrue(lab.container("ip addr show lo").output().contains("127.0.0.1"));
    }

    @Test
    void nothing_but_the_three_streams_is_open() throws Exception {
        // The fourth is what ls has open itself.
        assertEquals("0\n1\n2\n3", lab.command("ls", "/proc/self/fd").output());
    }

    @Test
    void the_host_s_mounts_are_not_there() throws Exception {
        String output = lab.container("cut -d ' ' -f 2,3 /proc/mounts").output();

        List<String> points = output.lines()
                .map(line -> line.split(" ")[0])
                .distinct()
                .sorted()
                .toList();
        List<String> expected = new ArrayList<>(List.of("/", "/dev", "/dev/full", "/dev/mqueue", "/dev/null"));
        expected.addAll(List.of("/dev/pts", "/dev/random", "/dev/shm", "/dev/tty", "/dev/urandom", "/dev/zero"));
        expected.addAll(List.of("/proc", "/sys"));
        List<String> beyond = new ArrayList<>(points);
        beyond.removeAll(expected);
        assertTrue(points.containsAll(expected), points.toString());
        assertTrue(beyond.stream().allMatch(path -> path.startsWith("/proc/") || path.startsWith("/sys/")), output);
    }

    @Test
    void standard_devices_work_and_cannot_be_changed() throws Exception {
        String output = lab.container("""
                        exec 2>/dev/null
                        head -c 4 /dev/zero | od -An -tx1
                        echo lost > /dev/null && echo written
                        head -c 1 /dev/urandom | wc -c
                        echo x > /dev/full || echo full
                        for link in stdout fd ptmx; do readlink /dev/$link; done
                        chmod 600 /dev/null 2>/dev/null || echo guarded
                        """).output();

        assertTrue(output.contains("00 00 00 00\nwritten\n1\n"), output);
        assertTrue(output.contains("full\n/proc/self/fd/1\n/proc/self/fd\npts/ptmx\nguarded"), output);
        assertEquals("rw-rw-rw-", permissions(Path.of("/dev/null")));
    }

    @Test
    void a_device_node_that_the_container_makes_is_inert() throws Exception {
        String output = lab.container("""
                        for place in /dev /tmp /dev/shm; do
                          mknod $place/disk b 254 0 && head -c 1 $place/disk >/dev/null || echo inert $place
                        done
                        """).output();

        for (String place : List.of("/dev", "/tmp", "/dev/shm")) {
            assertTrue(output.contains("inert " + place), output);
        }
    }

    @Test
    void masked_paths_are_empty_and_protected_ones_cannot_be_written() throws Exception {
        String output = lab.container("""
                        exec 2>/dev/null
                        wc -c < /proc/timer_list
                        wc -c < /proc/keys
                        chmod 600 /proc/keys || echo guarded
                        ls /sys/firmware | wc -l
                        echo 1 > /proc/sys/kernel/panic || echo protected
                        echo b > /proc/sysrq-trigger || echo sysrq
                        touch /sys/x || echo sys
                        """).output();

        assertEquals("0\n0\nguarded\n0\nprotected\nsysrq\nsys", output);
    }

    @Test
    void a_read_only_root_takes_no_writes_but_its_mounts_do() throws Exception {
        String output = lab.container("exec 2>/dev/null; touch /x || echo refused; touch /dev/shm/x && echo taken")
                .readOnly()
                .output();

        assertEquals("refused\ntaken", output);
    }

    @Test
    void root_has_the_capabilities_that_were_given_and_no_more() throws Exception {
        ShimLab.Started started = lab.container("sleep 60").start();

        var status = ShimLab.status(started.pid());
        long expected = 0;
        for (Capability capability : Capability.STANDARD) {
            expected |= 1L << capability.number();
        }
        assertEquals("%016x".formatted(expected), status.get("CapBnd"));
        assertEquals("%016x".formatted(expected), status.get("CapPrm"));
        assertEquals("%016x".formatted(expected), status.get("CapEff"));
        assertEquals("%016x".formatted(0), status.get("CapInh"));
        assertEquals("%016x".formatted(0), status.get("CapAmb"));
        assertEquals("0", status.get("NoNewPrivs"));
        assertEquals("2", status.get("Seccomp"));
    }

    @Test
    void another_user_has_its_groups_and_no_capabilities() throws Exception {
        ShimLab.Started started =
                lab.container("id; sleep 60").user(1000, 1001, 5, 6).start();

        var status = ShimLab.status(started.pid());
        assertEquals("1000\t1000\t1000\t1000", status.get("Uid"));
        assertEquals("1001\t1001\t1001\t1001", status.get("Gid"));
        assertEquals("5 6 1001", status.get("Groups").trim());
        assertEquals("%016x".formatted(0), status.get("CapPrm"));
        assertNotEquals("%016x".formatted(0), status.get("CapBnd"));
    }

    @Test
    @DisplayName("S40 a capability that was asked for is also one of a user other than root")
    void another_user_has_the_capabilities_that_were_asked_for() throws Exception {
        Set<Capability> all = EnumSet.copyOf(Capability.STANDARD);
        all.add(Capability.NET_ADMIN);
        Set<Capability> asked = Set.of(Capability.NET_ADMIN, Capability.NET_BIND_SERVICE);
        ShimLab.Started started = lab.container("sleep 60; true")
                .user(1000, 1000)
                .privileges(new Privileges(all, asked, true, SeccompProfile.RUNTIME_DEFAULT, Optional.empty()))
                .start();

        var status = ShimLab.status(started.pid());
        for (String set : List.of("CapPrm", "CapEff", "CapAmb", "CapInh")) {
            assertEquals("%016x".formatted(1L << 12 | 1L << 10), status.get(set), set);
        }
        assertEquals("1", status.get("NoNewPrivs"));
        assertEquals("1000\t1000\t1000\t1000", status.get("Uid"));
    }

    @Test
    void another_user_can_open_its_streams_by_name() throws Exception {
        assertEquals(
                "out\nerr",
                lab.container("echo out > /dev/stdout; echo err > /dev/stderr")
                        .user(1000, 1000)
                        .output());
    }

    @Test
    void no_new_privileges_and_no_filter_can_be_asked_for() throws Exception {
        ShimLab.Started started = lab.container("sleep 60")
                .user(1000, 1000)
                .privileges(new Privileges(Set.of(), true, SeccompProfile.UNCONFINED))
                .start();

        var status = ShimLab.status(started.pid());
        assertEquals("1", status.get("NoNewPrivs"));
        assertEquals("0", status.get("Seccomp"));
        assertEquals("%016x".formatted(0), status.get("CapBnd"));
    }

    @Test
    void no_new_privileges_goes_with_a_filter() throws Exception {
        ShimLab.Started started = lab.container("sleep 60")
                .user(1000, 1000)
                .privileges(new Privileges(Set.of(), true, SeccompProfile.RUNTIME_DEFAULT))
                .start();

        assertEquals("2", ShimLab.status(started.pid()).get("Seccomp"));
    }

    @Test
    void privileged_is_all_that_the_host_s_root_may_do() throws Exception {
        ShimLab.Started started =
                lab.container("sleep 60").privileges(Privileges.privileged()).start();

        assertEquals(
                ShimLab.status((int) ProcessHandle.current().pid()).get("CapEff"),
                ShimLab.status(started.pid()).get("CapEff"));
    }

    @Test
    void limits_are_set_and_cut_to_what_the_host_allows() throws Exception {
        ShimLab.Started started = lab.container("sleep 60")
                .limits(
                        new ResourceLimit(ResourceLimit.Resource.NOFILE, 100, 200),
                        new ResourceLimit(ResourceLimit.Resource.CORE, 0, 0),
                        new ResourceLimit(
                                ResourceLimit.Resource.NPROC, ResourceLimit.UNLIMITED, ResourceLimit.UNLIMITED),
                        new ResourceLimit(ResourceLimit.Resource.MEMLOCK, 1L << 50, 1L << 51))
                .start();

        String limits = Files.readString(Path.of("/proc/" + started.pid() + "/limits"));
        String host = Files.readString(Path.of("/proc/self/limits"));
        assertTrue(limits.matches("(?s).*Max open files +100 +200 .*"), limits);
        assertTrue(limits.matches("(?s).*Max core file size +0 +0 .*"), limits);
        assertEquals(hard(host, "Max processes"), hard(limits, "Max processes"));
        assertFalse(limits.isEmpty());
    }

    @Test
    void umask_oom_score_and_working_directory_are_as_asked() throws Exception {
        String output = lab.container("umask; cat /proc/self/oom_score_adj; pwd")
                .umask(027)
                .cwd("/new/deep/place")
                .output();

        assertEquals("0027\n100\n/new/deep/place", output);
        assertTrue(Files.isDirectory(lab.upper(new ContainerId("c1")).resolve("new/deep/place")));
    }

    @Test
    void a_working_directory_cannot_be_a_descriptor() throws Exception {
        for (int fd = 3; fd < 20; fd++) {
            StartResult.Failed failed =
                    lab.container("pwd").cwd("/proc/self/fd/" + fd).failure();

            assertEquals(StartResult.Reason.ENVIRONMENT, failed.reason(), failed.words());
        }
    }

    @Test
    void a_working_directory_that_is_a_link_to_a_descriptor_is_refused() throws Exception {
        Files.createSymbolicLink(lab.layer().resolve("escape"), Path.of("/proc/self/fd/3"));

        assertTrue(lab.container("pwd").cwd("/escape").failure().words().contains("/escape"));
    }

    private static String hard(String limits, String name) {
        return limits.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.trim().split("\\s{2,}")[2])
                .findFirst()
                .orElseThrow();
    }

    private static Namespace existing(ShimLab.Started container, String kind) {
        return new Namespace.Existing(Path.of("/proc/" + container.pid() + "/ns/" + kind));
    }

    private static String namespace(int pid, String kind) throws IOException {
        return namespace(Integer.toString(pid), kind);
    }

    private static String namespace(String pid, String kind) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/" + kind)).toString();
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
