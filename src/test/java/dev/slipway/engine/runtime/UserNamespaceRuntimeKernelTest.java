package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.volume.ManagedVolumes;
import dev.slipway.engine.volume.Ownership;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
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
        assertTrue(Math.abs(one - two) >= 65_536, one + " and " + two);
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
    void a_volume_that_begins_with_what_the_image_has_is_owned_as_the_image_says() throws Exception {
        VolumeName data = new VolumeName("data");
        lab.volumes().ensure(data, new Ownership(7, 7, 0700));
        lab.sandbox(mapped(POD).with(Map.of("data", new SandboxRequest.PodVolume.Managed("data"))));
        ContainerRequest request = RuntimeLab.shell(
                new ContainerName(POD, "main"),
                0,
                "stat -c '%u %g %a' /data /data/deep/file && echo more >> /data/deep/file && stat -c %u /data/deep/file");

        String output = lab.output(Requests.withCopyUps(
                Requests.withMounts(request, new ContainerRequest.VolumeMount("data", "/data", "", false, "None")),
                new ContainerRequest.CopyUp("data", "/data", ManagedVolumes.Owners.OF_IMAGE)));

        assertEquals("0 0 755\n0 0 644\n0\n", output);
        Path volume = lab.volumes().find(data).orElseThrow();
        assertEquals(0, Files.getAttribute(volume.resolve("deep/file"), "unix:uid"));
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

    @Test
    void ids_that_are_asked_for_by_number_are_given() throws Exception {
        lab.sandbox(mapped(POD, new SandboxRequest.Users.Own(OptionalInt.of(200_000), 70_000)));

        int pid = pid(lab.started(RuntimeLab.idle(new ContainerName(POD, "main"), 0)));

        assertEquals(200_000, Files.getAttribute(Path.of("/proc/" + pid), "unix:uid"));
        assertEquals(
                Optional.of(new PodState.Users(200_000, 70_000)),
                lab.runtime().find(POD).orElseThrow().sandbox().orElseThrow().users());
        lab.restart();
        assertEquals(
                Optional.of(new PodState.Users(200_000, 70_000)),
                lab.runtime().find(POD).orElseThrow().sandbox().orElseThrow().users());
    }

    @Test
    void ids_of_another_pod_are_refused_and_not_replaced() throws Exception {
        PodState.Users given = lab.sandbox(mapped(POD)).users().orElseThrow();

        SandboxOutcome outcome = lab.runtime()
                .ensureSandbox(
                        mapped(OTHER, new SandboxRequest.Users.Own(OptionalInt.of(given.firstHostId()), given.size())));

        assertTrue(outcome.toString().contains("cannot be asked for"), outcome.toString());
    }

    @Test
    void a_user_beyond_the_usual_ids_needs_a_larger_namespace() throws Exception {
        lab.sandbox(mapped(POD));
        lab.sandbox(mapped(OTHER, new SandboxRequest.Users.Own(OptionalInt.empty(), 200_000)));

        StartOutcome refused = lab.runtime().start(as100000(new ContainerName(POD, "main")));

        assertTrue(refused.toString().contains("not among the 65536"), refused.toString());
        assertEquals("100000\n", lab.output(as100000(new ContainerName(OTHER, "main"))));
    }

    /// A file system of the kernel cannot have its ids translated.
    @Test
    void what_cannot_be_translated_is_refused_and_nobody_becomes_the_hosts_root() throws Exception {
        lab.sandbox(mapped(POD, Map.of("kernel", new SandboxRequest.PodVolume.HostPath("/proc/sys", ""))));

        StartOutcome outcome = lab.runtime()
                .start(Requests.withMounts(
                        RuntimeLab.idle(new ContainerName(POD, "main"), 0),
                        new ContainerRequest.VolumeMount("kernel", "/kernel", "", true, "None")));

        String message =
                assertInstanceOf(StartOutcome.Unsupported.class, outcome).message();
        assertTrue(
                message.startsWith("translate the ids of /proc/sys, whose file system must support idmapped mounts: "
                        + "invalid argument (EINVAL); it is on proc; "),
                message);
    }

    @Test
    void after_the_first_pod_others_find_a_namespace_that_is_ready() throws Exception {
        // The engine of the test before may just be making one, and lets go of it then.
        RuntimeLab.await(() -> ready().isEmpty());
        lab.sandbox(mapped(POD));
        RuntimeLab.await(() -> ready().size() == 2);
        Set<String> made = ready();

        lab.sandbox(mapped(OTHER));
        int pid = pid(lab.started(RuntimeLab.idle(new ContainerName(OTHER, "main"), 0)));

        assertTrue(made.contains(namespace(pid, "user")), namespace(pid, "user"));
        lab.restart();
        assertEquals(Set.of(), ready());
    }

    /// User namespaces that this process holds by descriptors.
    private static Set<String> ready() {
        Set<String> found = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                String target = Files.exists(descriptor, LinkOption.NOFOLLOW_LINKS) ? target(descriptor) : "";
                if (target.startsWith("user:[")) {
                    found.add(target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /// Of one that was closed meanwhile, nothing.
    private static String target(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    private static ContainerRequest as100000(ContainerName name) {
        ContainerRequest.Security standard = ContainerRequest.Security.STANDARD;
        return Requests.withSecurity(
                RuntimeLab.shell(name, 0, "id -u"),
                new ContainerRequest.Security(
                        Optional.of(100_000L),
                        standard.runAsGroup(),
                        false,
                        List.of(),
                        false,
                        true,
                        false,
                        List.of(),
                        List.of(),
                        standard.seccomp(),
                        false,
                        false));
    }

    private static SandboxRequest mapped(PodUid pod, SandboxRequest.Users users) {
        return Requests.withUsers(Requests.sandbox(pod), users);
    }

    private static SandboxRequest sharing(SandboxRequest plain, SandboxRequest.Ipc ipc) {
        return new SandboxRequest(
                plain.uid(),
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                plain.network(),
                new SandboxRequest.Sharing(false, false, ipc, plain.sharing().users()),
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
        return Requests.withUsers(Requests.sandbox(pod, volumes), SandboxRequest.Users.Own.USUAL);
    }
}
