package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.runtime.SandboxRequest.Sharing;
import dev.slipway.engine.volume.ManagedVolumes;
import dev.slipway.engine.volume.ManagedVolumes.Owners;
import dev.slipway.engine.volume.Ownership;
import dev.slipway.engine.volume.ProjectedFile;
import dev.slipway.engine.volume.VolumeGroup;
import dev.slipway.engine.volume.VolumeGroup.ChangePolicy;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Volumes that belong to a group of the pod, and processes that are in it.
@Timeout(60)
class VolumeGroupKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final VolumeName DATA = new VolumeName("data");
    private static final int GROUP = 4711;
    private static final ProjectedFile KEY = new ProjectedFile("1234".getBytes(StandardCharsets.UTF_8), 0400);

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
    void a_user_without_rights_writes_to_volumes_by_its_group() throws Exception {
        assertEquals(
                "4711 2777\n4711 2777\n4711 2775\n1234\n4711 /disk/x\n4711 /memory/x\n4711 /managed/x\n",
                volumes(Sharing.OF_POD));
    }

    @Test
    void what_comes_from_the_image_is_written_by_the_group_too() throws Exception {
        lab.sandbox(request(Sharing.OF_POD));
        Owners owners = new Owners(
                ManagedVolumes.Root.OF_IMAGE, Optional.of(new VolumeGroup(GROUP, ChangePolicy.ON_ROOT_MISMATCH)));
        String script = "stat -c '%g %a' /managed; touch /managed/mine && ls /managed && rm -r /managed/*";

        assertEquals("4711 2775\ndeep\nmine\n", filling(0, "/data", owners, script));
        assertEquals("4711 2777\nmine\n", filling(1, "/tmp", owners, script), "what the image has is empty");
    }

    private String filling(int attempt, String path, Owners owners, String script) throws Exception {
        ContainerRequest request = Requests.withSecurity(
                Requests.withMounts(RuntimeLab.shell(WEB, attempt, script), mount("managed")), security(false));
        return lab.output(Requests.withCopyUps(request, new ContainerRequest.CopyUp("data", path, owners)));
    }

    @Test
    void it_does_so_with_users_of_its_own_as_well() throws Exception {
        assertEquals(
                "4711 2777\n4711 2777\n4711 2775\n1234\n4711 /disk/x\n4711 /memory/x\n4711 /managed/x\n",
                volumes(new Sharing(false, SandboxRequest.Ipc.CONTAINER, true)));
    }

    @Test
    void what_a_container_did_is_not_undone_while_its_pod_lives() throws Exception {
        lab.sandbox(request(Sharing.OF_POD));
        Path file = lab.volumes().find(DATA).orElseThrow().resolve("mine");
        Files.writeString(file, "x");

        lab.sandbox(request(Sharing.OF_POD));
        lab.restart();
        lab.sandbox(request(Sharing.OF_POD));

        assertEquals(0644, (int) Files.getAttribute(file, "unix:mode") & 07777);
    }

    @Test
    void strictly_only_the_groups_of_the_pod_are_the_processes() throws Exception {
        lab.sandbox(Requests.sandbox(POD));

        String merged = lab.output(Requests.withSecurity(RuntimeLab.shell(WEB, 0, "id -G"), security(false)));
        String strict = lab.output(Requests.withSecurity(RuntimeLab.shell(WEB, 1, "id -G"), security(true)));

        assertEquals("1000 50 4711\n", merged);
        assertEquals("1000 4711\n", strict);
    }

    private String volumes(Sharing sharing) throws Exception {
        lab.sandbox(request(sharing));
        String output = lab.output(Requests.withMounts(
                Requests.withSecurity(
                        RuntimeLab.shell(
                                WEB,
                                0,
                                "stat -c '%g %a' /disk /memory /managed; cat /keys/pin; echo;"
                                        + " for d in disk memory managed; do touch /$d/x; stat -c '%g %n' /$d/x; done"),
                        security(false)),
                mount("disk"),
                mount("memory"),
                mount("managed"),
                mount("keys")));
        return output;
    }

    private SandboxRequest request(Sharing sharing) throws IOException {
        lab.volumes().ensure(DATA, Ownership.ROOT);
        SandboxRequest plain = Requests.sandbox(POD);
        return new SandboxRequest(
                plain.uid(),
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                plain.network(),
                sharing,
                Map.of(),
                Optional.of(new VolumeGroup(GROUP, ChangePolicy.ALWAYS)),
                Map.of(
                        "disk", new PodVolume.EmptyDir(false, Optional.empty()),
                        "memory", new PodVolume.EmptyDir(true, Optional.of(1L << 20)),
                        "managed", new PodVolume.Managed("data"),
                        "keys", new PodVolume.Projection(Map.of("pin", KEY), true)));
    }

    private static VolumeMount mount(String volume) {
        return new VolumeMount(volume, "/" + volume, "", false, "None");
    }

    private static Security security(boolean strict) {
        return new Security(
                Optional.of(1000L),
                Optional.empty(),
                true,
                List.of((long) GROUP),
                false,
                false,
                false,
                List.of(),
                List.of("ALL"),
                Security.Seccomp.RUNTIME_DEFAULT,
                false,
                strict);
    }
}
