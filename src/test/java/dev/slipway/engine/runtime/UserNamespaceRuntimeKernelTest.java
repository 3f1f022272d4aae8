package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Pods whose users are others than the host's.
@Timeout(60)
class UserNamespaceRuntimeKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final PodUid OTHER = new PodUid("other");

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
    @DisplayName("S38 each pod has user ids of its own, which are nobody's on the host")
    void pods_have_ranges_that_do_not_overlap() throws Exception {
        int one = uidOf(POD);
        int two = uidOf(OTHER);

        assertTrue(one >= 1 << 30, Integer.toString(one));
        assertEquals(65_536, Math.abs(one - two));
    }

    @Test
    void the_containers_of_a_pod_share_its_user_network_and_ipc_namespaces() throws Exception {
        lab.sandbox(mapped(POD));
        int first = pid(lab.started(RuntimeLab.idle(new ContainerName(POD, "one"), 0)));
        int second = pid(lab.started(RuntimeLab.idle(new ContainerName(POD, "two"), 0)));

        for (String kind : List.of("user", "net", "ipc")) {
            assertEquals(namespace(first, kind), namespace(second, kind), kind);
        }
        for (String kind : List.of("mnt", "pid", "uts")) {
            assertNotEquals(namespace(first, kind), namespace(second, kind), kind);
        }
    }

    @Test
    void its_network_works_and_is_administered_by_nobody_of_the_host() throws Exception {
        lab.sandbox(mapped(POD));

        String output = lab.output(RuntimeLab.shell(
                new ContainerName(POD, "main"),
                0,
                "ip -o addr show eth0 | grep -c 'inet '; ip route | grep -c default; id -u"));

        assertEquals("1\n1\n0", output.strip());
    }

    @Test
    void nothing_is_left_when_it_is_removed() throws Exception {
        lab.sandbox(mapped(POD));
        lab.started(RuntimeLab.idle(new ContainerName(POD, "main"), 0));

        lab.runtime().removePod(POD);

        assertFalse(Files.exists(lab.files().pod(POD)));
        assertTrue(lab.mounts().stream().noneMatch(mount -> mount.toString().contains("/pods/")));
    }

    @Test
    void a_volume_of_the_pod_has_its_owners_inside_and_outside() throws Exception {
        lab.sandbox(mapped(POD, Map.of("data", new SandboxRequest.PodVolume.EmptyDir(false, Optional.empty()))));

        ContainerRequest plain = RuntimeLab.shell(
                new ContainerName(POD, "main"), 0, "touch /data/x; chown 5:6 /data/x; stat -c %u:%g /data /data/x");
        String output = lab.output(
                Requests.withMounts(plain, new ContainerRequest.VolumeMount("data", "/data", "", false, "None")));

        assertEquals("0:0\n5:6", output.strip());
    }

    @Test
    void the_only_container_of_a_pod_has_memory_of_its_own_and_nothing_is_mounted_for_it() throws Exception {
        lab.sandbox(sharing(mapped(POD), SandboxRequest.Ipc.CONTAINER));

        int pid = pid(lab.started(
                RuntimeLab.shell(new ContainerName(POD, "main"), 0, "touch /dev/shm/x && echo made; exec sleep 60")));

        assertNotEquals(
                namespace(pid, "ipc"),
                Files.readSymbolicLink(Path.of("/proc/self/ns/ipc")).toString());
        assertTrue(lab.mounts().stream().noneMatch(mount -> mount.endsWith("shm") || mount.endsWith("ipc")));
    }

    private static SandboxRequest sharing(SandboxRequest plain, SandboxRequest.Ipc ipc) {
        return new SandboxRequest(
                plain.uid(),
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                plain.network(),
                new SandboxRequest.Sharing(false, ipc, plain.sharing().ownUsers()),
                plain.volumes());
    }

    private int uidOf(PodUid pod) throws Exception {
        lab.sandbox(mapped(pod));
        int pid = pid(lab.started(RuntimeLab.idle(new ContainerName(pod, "main"), 0)));
        return (int) Files.getAttribute(Path.of("/proc/" + pid), "unix:uid");
    }

    private static int pid(Attempt attempt) {
        return ((ContainerState.Running) attempt.state()).pid();
    }

    private static String namespace(int pid, String kind) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/%d/ns/%s".formatted(pid, kind)))
                .toString();
    }

    private static SandboxRequest mapped(PodUid pod) {
        return mapped(pod, Map.of());
    }

    private static SandboxRequest mapped(PodUid pod, Map<String, SandboxRequest.PodVolume> volumes) {
        SandboxRequest plain = Requests.sandbox(pod, volumes);
        return new SandboxRequest(
                plain.uid(),
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                plain.network(),
                new SandboxRequest.Sharing(false, SandboxRequest.Ipc.POD, true),
                plain.volumes());
    }
}
