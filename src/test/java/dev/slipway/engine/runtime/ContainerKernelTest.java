package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.cgroup.CgroupName;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.snapshot.SnapshotKey;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What a container sees, what it may use, and what is left of it.
class ContainerKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final ContainerName SIDE = new ContainerName(POD, "side");
    private static final int TERM = 15;

    private RuntimeLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = RuntimeLab.open();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void a_container_finds_its_pods_names_and_address() throws Exception {
        String address = lab.sandbox(Requests.sandbox(POD)).address();

        String output = lab.output(RuntimeLab.shell(
                WEB, 0, "hostname; echo $HOSTNAME $FROM; cat /etc/hostname; grep web /etc/hosts; ip -4 -o addr"));

        assertTrue(output.startsWith("web\nweb image\nweb\n" + address + "\tweb\n"), output);
        assertTrue(output.contains("eth0    inet " + address + "/"), output);
    }

    @Test
    void containers_of_a_pod_share_memory_whichever_of_them_restarts() throws Exception {
        lab.sandbox(Requests.sandbox(POD));

        lab.output(RuntimeLab.shell(WEB, 0, "echo hello > /dev/shm/note; readlink /proc/self/ns/ipc > /dev/shm/ns"));
        String output = lab.output(
                RuntimeLab.shell(SIDE, 0, "cat /dev/shm/note; readlink /proc/self/ns/ipc | grep -c -F -f /dev/shm/ns"));
        String again = lab.output(RuntimeLab.shell(WEB, 1, "cat /dev/shm/note"));

        assertEquals("hello\n1\n", output);
        assertEquals("hello\n", again);
    }

    @Test
    void a_container_finds_the_full_name_of_its_pod_wherever_it_looks() throws Exception {
        String full = "db.pool.shop.svc.cluster.local";
        String address = lab.sandbox(Requests.named(full, List.of(full, "db"))).address();

        String output = lab.output(RuntimeLab.shell(
                WEB, 0, "hostname; echo $HOSTNAME; cat /etc/hostname; grep " + address + " /etc/hosts"));

        assertEquals((full + "\n").repeat(3) + address + "\t" + full + "\tdb\n", output);
    }

    @Test
    void a_process_has_the_limits_that_are_asked_for() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        Resources.Rare none = Resources.Rare.NONE;
        List<Resources.Rare.OfProcess> limits =
                List.of(new Resources.Rare.OfProcess("NOFILE", 64, 100), new Resources.Rare.OfProcess("CORE", 0, 0));
        Resources limited = new Resources(
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                0,
                new Resources.Rare(none.swapBytes(), none.ioWeight(), none.cpus(), none.hugePages(), limits));

        String output = lab.output(
                Requests.withResources(RuntimeLab.shell(WEB, 0, "ulimit -Sn; ulimit -Hn; ulimit -Hc"), limited));

        assertEquals("64\n100\n0\n", output);
    }

    @Test
    void processes_of_other_containers_are_not_seen_but_with_the_hosts_pid_namespace() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        assertEquals("1\n", lab.output(RuntimeLab.shell(WEB, 0, "echo $$")));

        PodUid other = new PodUid("other");
        SandboxRequest plain = Requests.sandbox(other);
        lab.sandbox(new SandboxRequest(
                other,
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                plain.network(),
                new SandboxRequest.Sharing(true, SandboxRequest.Ipc.HOST, false),
                Map.of()));
        String output = lab.output(RuntimeLab.shell(
                new ContainerName(other, "web"),
                0,
                "readlink /proc/self/ns/pid; readlink /proc/self/ns/ipc; sleep 1000 & echo left"));

        assertEquals(
                Files.readSymbolicLink(Path.of("/proc/self/ns/pid")) + "\n"
                        + Files.readSymbolicLink(Path.of("/proc/self/ns/ipc")) + "\nleft\n",
                output);
        // Which could not be removed if what the container left running were still in it.
        RuntimeLab.await(() -> !cgroupExists(other));
    }

    @Test
    void a_user_of_the_image_runs_the_program() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        Security asUser = new Security(
                Optional.of(1000L),
                Optional.empty(),
                true,
                List.of(4242L),
                false,
                false,
                false,
                List.of(),
                List.of("ALL"),
                Security.Seccomp.RUNTIME_DEFAULT,
                false,
                false);

        String output = lab.output(Requests.withSecurity(
                RuntimeLab.shell(WEB, 0, "id; grep -E 'CapBnd|NoNewPrivs' /proc/self/status"), asUser));

        assertTrue(output.startsWith("uid=1000(web) gid=1000(web)"), output);
        assertTrue(output.contains("4242"), output);
        assertTrue(output.contains("CapBnd:\t0000000000000000"), output);
        assertTrue(output.contains("NoNewPrivs:\t1"), output);
    }

    @Test
    void what_cannot_be_is_refused_in_words_for_people() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        Security nonRoot = new Security(
                Optional.empty(),
                Optional.empty(),
                true,
                List.of(),
                false,
                true,
                false,
                List.of(),
                List.of(),
                Security.Seccomp.RUNTIME_DEFAULT,
                false,
                false);

        StartOutcome root = lab.runtime().start(Requests.withSecurity(RuntimeLab.idle(WEB, 0), nonRoot));
        StartOutcome program =
                lab.runtime().start(Requests.container(POD, "web", 0, RuntimeLab.image(), List.of("/bin/nope")));
        StartOutcome none = lab.runtime().start(Requests.container(POD, "web", 0, RuntimeLab.image(), List.of()));

        assertEquals(new StartOutcome.Refused("container has runAsNonRoot and image will run as root"), root);
        assertEquals(
                new StartOutcome.Refused("no command specified: neither the image nor the container says what to run"),
                none);
        String message =
                assertInstanceOf(StartOutcome.NotExecuted.class, program).message();
        assertTrue(message.contains("/bin/nope") && message.contains("no such file"), message);
    }

    @Test
    void a_refused_start_leaves_nothing() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        LocalImage image = RuntimeLab.image(Set.of("/data"));

        lab.runtime().start(Requests.container(POD, "web", 0, image, List.of("/bin/nope")));

        assertEquals(Set.of(), lab.snapshots().writables());
        assertFalse(Files.exists(lab.files().attempt(WEB, 0)));
        assertFalse(Files.exists(lab.runtime().log(WEB, 0)));
        assertFalse(Files.exists(lab.root().resolve("volumes/.pods/pod/.of-web.0")));
        assertEquals(Optional.empty(), lab.cgroups().usage(CgroupName.of(POD, "web.0")));
        assertEquals(List.of(), runDirectories());
    }

    @Test
    void an_image_that_lost_a_layer_fails() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.snapshots().removeLayer(RuntimeLab.image().layers().getFirst());

        assertInstanceOf(StartOutcome.Failed.class, lab.runtime().start(RuntimeLab.idle(WEB, 0)));
    }

    @Test
    @DisplayName("S40 a container that takes more memory than its limit is killed, and it is told why")
    void a_kill_for_memory_is_told() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        Resources limited = new Resources(
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.of(16 << 20),
                OptionalLong.empty(),
                0);

        lab.started(Requests.withResources(
                RuntimeLab.shell(WEB, 0, "exec dd if=/dev/zero of=/dev/null bs=50000000 count=1"), limited));

        ContainerState.Exited exited = assertInstanceOf(
                ContainerState.Exited.class, lab.awaitEnd(WEB, 0).state());
        assertTrue(exited.oomKilled());
        assertEquals(137, exited.exitCode());
    }

    @Test
    void limits_change_while_a_container_runs() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.started(RuntimeLab.shell(
                WEB,
                0,
                "trap 'exit 0' TERM; echo idle; until test -e /tmp/go; do sleep 0.02; done;"
                        + " for i in 1 2 3 4 5 6; do sleep 60 & done; echo forked"));
        lab.awaitLog(WEB, 0, "idle");

        lab.runtime()
                .update(
                        WEB,
                        new Resources(
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                OptionalLong.of(3),
                                0));
        Path upper = lab.snapshots()
                .findWritable(lab.snapshots().writables().iterator().next())
                .orElseThrow()
                .upper();
        int pid = ((ContainerState.Running) lab.attempt(WEB, 0).state()).pid();
        Files.createFile(Path.of("/proc/" + pid + "/root/tmp/go"));

        lab.awaitEnd(WEB, 0);
        assertTrue(lab.log(WEB, 0).contains("can't fork"), lab.log(WEB, 0));
        assertTrue(Files.isDirectory(upper));
    }

    @Test
    void what_the_engine_mounts_leaves_nothing_in_the_layer_that_a_container_writes_to() throws Exception {
        lab.sandbox(Requests.sandbox(POD));

        assertEquals(
                "mounted\n",
                lab.output(RuntimeLab.shell(WEB, 0, "test -s /etc/hosts && test -d /proc/self && echo mounted")));

        Path upper = lab.snapshots()
                .findWritable(new SnapshotKey("pod.web.0"))
                .orElseThrow()
                .upper();
        try (Stream<Path> written = Files.list(upper)) {
            assertEquals(List.of(), written.toList());
        }
    }

    @Test
    void a_container_sees_its_own_cgroup_only() throws Exception {
        lab.sandbox(Requests.sandbox(POD));

        String output = lab.output(RuntimeLab.shell(
                WEB, 0, "cat /proc/self/cgroup; echo 1 > /sys/fs/cgroup/cgroup.procs; ls /sys/fs/cgroup"));

        assertFalse(output.contains(lab.cgroupParent()), output);
        assertTrue(output.contains("Read-only file system") || output.contains("Permission denied"), output);
    }

    @Test
    void a_container_sees_its_own_limits() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        Resources limited = new Resources(
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.of(64 << 20),
                OptionalLong.empty(),
                0);

        String output = lab.output(Requests.withResources(
                RuntimeLab.shell(WEB, 0, "cd /sys/fs/cgroup; cat memory.max memory/memory.limit_in_bytes 2>/dev/null"),
                limited));

        assertEquals("67108864\n", output);
    }

    @Test
    void a_privileged_container_has_the_devices_of_the_host() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        String all = lab.output(Requests.withSecurity(
                RuntimeLab.shell(WEB, 0, "test -c /dev/kmsg && echo kmsg; grep CapEff /proc/self/status"),
                Requests.privileged()));
        String none = lab.output(RuntimeLab.shell(SIDE, 0, "test -e /dev/kmsg || echo none"));

        assertEquals(Files.exists(Path.of("/dev/kmsg")), all.startsWith("kmsg\n"), all);
        assertEquals("none\n", none);
    }

    @Test
    void a_privileged_container_has_cgroups_below_its_own_which_go_with_it() throws Exception {
        lab.sandbox(Requests.sandbox(POD));

        String output = lab.output(Requests.withSecurity(RuntimeLab.shell(WEB, 0, """
                cd /sys/fs/cgroup
                test -e cgroup.kill || cd unified
                mkdir mine
                sleep 60 & echo $! >mine/cgroup.procs
                echo 1 >mine/cgroup.kill; wait; grep populated mine/cgroup.events; cat /proc/self/cgroup
                """), Requests.privileged()));
        lab.runtime().removePod(POD);

        assertTrue(output.startsWith("populated 0\n"), output);
        assertFalse(output.contains(lab.cgroupParent()), output);
        assertFalse(cgroupExists(POD));
    }

    @Test
    void a_low_port_needs_no_root() throws Exception {
        lab.sandbox(Requests.sandbox(POD));

        assertEquals("0\n", lab.output(RuntimeLab.shell(WEB, 0, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start")));
    }

    @Test
    void removing_a_pod_leaves_nothing_of_its_containers() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.started(RuntimeLab.shell(WEB, 0, "trap '' TERM; while true; do sleep 1; done"));
        lab.started(RuntimeLab.idle(SIDE, 0));
        lab.output(RuntimeLab.shell(new ContainerName(POD, "third"), 0, "exit 3"));
        lab.runtime().stop(WEB, TERM, Duration.ofSeconds(60));
        lab.runtime().pause(SIDE);

        lab.runtime().removePod(POD);

        assertEquals(Set.of(), lab.snapshots().writables());
        assertEquals(List.of(), runDirectories());
        assertFalse(cgroupExists(POD));
        assertFalse(Files.exists(lab.files().pod(POD)));
        assertFalse(Files.exists(lab.files().durablePod(POD)));
    }

    private boolean cgroupExists(PodUid pod) {
        try {
            return lab.cgroups().usage(CgroupName.of(pod, "web.0")).isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> runDirectories() throws IOException {
        Path all = lab.run().resolve("containers");
        if (!Files.isDirectory(all)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(all)) {
            return entries.toList();
        }
    }
}
