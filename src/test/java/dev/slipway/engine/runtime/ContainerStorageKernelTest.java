package dev.slipway.engine.runtime;

import static dev.slipway.engine.registry.Command.sh;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.runtime.ContainerRequest.Layer;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.volume.ManagedVolumes;
import dev.slipway.engine.volume.Ownership;
import dev.slipway.engine.volume.ProjectedFile;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What containers write, where it is, and how long it stays.
class ContainerStorageKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final Layer KEPT = new Layer.Kept(List.of());
    private static final String COUNT = "echo x >> /count; cat /count | grep -c x";
    private static final VolumeName DATA = new VolumeName("data");

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
    void each_attempt_of_a_pods_container_begins_with_its_image() throws Exception {
        lab.sandbox(Requests.sandbox(POD));

        assertEquals("1\n", lab.output(RuntimeLab.shell(WEB, 0, COUNT)));
        assertEquals("1\n", lab.output(RuntimeLab.shell(WEB, 1, COUNT)));

        lab.runtime().remove(WEB, 0);
        lab.runtime().remove(WEB, 1);
        assertEquals(Set.of(), lab.snapshots().writables());
    }

    @Test
    void a_kept_layer_survives_attempts_the_engine_and_the_host() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        assertEquals("1\n", lab.output(kept(0, COUNT)));
        lab.runtime().remove(WEB, 0);
        assertEquals("2\n", lab.output(kept(1, COUNT)));

        lab.restart();
        assertEquals("3\n", lab.output(kept(2, COUNT)));

        assertEquals(List.of(), lab.reboot());
        lab.runtime().retain(Set.of(POD));
        lab.sandbox(Requests.sandbox(POD));
        assertEquals("4\n", lab.output(kept(3, COUNT)));

        lab.runtime().removePod(POD);
        assertEquals(Set.of(), lab.snapshots().writables());
    }

    @Test
    void a_kept_layer_survives_the_kill_of_everything() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.started(kept(0, "echo x >> /count; echo ready; sleep 1000"));
        lab.awaitLog(WEB, 0, "ready");

        lab.reboot();

        lab.runtime().retain(Set.of(POD));
        lab.sandbox(Requests.sandbox(POD));
        assertEquals("2\n", lab.output(kept(1, COUNT)));
    }

    @Test
    void the_layer_of_a_pod_that_was_deleted_while_the_engine_was_down_goes() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.output(kept(0, COUNT));
        assertEquals(1, lab.snapshots().writables().size());

        lab.reboot();
        lab.runtime().retain(Set.of());

        assertEquals(Set.of(), lab.snapshots().writables());
        assertFalse(Files.exists(lab.files().durablePod(POD)));
    }

    @Test
    void a_volume_of_the_image_lives_as_long_as_the_attempt() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        String script = "cat /data/deep/file; echo; echo changed > /data/deep/file; mount | grep -c ' /data '";

        for (int attempt = 0; attempt < 2; attempt++) {
            assertEquals(
                    "of the image\n1\n",
                    lab.output(RuntimeLab.shell(WEB, attempt, RuntimeLab.image(Set.of("/data/")), script)));
        }

        Path volumes = lab.root().resolve("volumes/.pods/pod");
        assertTrue(Files.exists(volumes.resolve(".of-web.0")));
        lab.runtime().remove(WEB, 0);
        assertFalse(Files.exists(volumes.resolve(".of-web.0")));
    }

    @Test
    void a_volume_of_a_kept_containers_image_is_a_managed_one() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.volumes().ensure(DATA, Ownership.ROOT);
        Layer layer = new Layer.Kept(List.of(new Layer.ImageVolume("/data", "data")));
        String script = "cat /data/deep/file; echo; echo changed > /data/deep/file";

        assertEquals("of the image\n", lab.output(Requests.withLayer(RuntimeLab.shell(WEB, 0, script), layer)));
        assertEquals("changed\n\n", lab.output(Requests.withLayer(RuntimeLab.shell(WEB, 1, script), layer)));
        lab.output(Requests.withLayer(RuntimeLab.shell(WEB, 2, "rm -r /data/deep"), layer));
        String again = "ls /data; mkdir /data/deep; echo changed > /data/deep/file";
        assertEquals("", lab.output(Requests.withLayer(RuntimeLab.shell(WEB, 3, again), layer)));

        lab.runtime().removePod(POD);
        assertEquals(
                "changed\n",
                Files.readString(lab.volumes().find(DATA).orElseThrow().resolve("deep/file")));
    }

    @Test
    void a_volume_that_has_a_name_begins_with_what_the_image_has_and_keeps_what_is_written() throws Exception {
        lab.volumes().ensure(DATA, Ownership.ROOT);
        lab.sandbox(Requests.sandbox(POD, Map.of("data", new PodVolume.Managed("data"))));
        String script = "cat /data/deep/file; echo; echo changed > /data/deep/file";

        assertEquals("of the image\n", lab.output(filling(WEB, 0, script)));
        assertEquals("changed\n\n", lab.output(filling(WEB, 1, script)));
    }

    @Test
    void a_volume_that_another_container_has_mounted_is_filled_for_both() throws Exception {
        lab.volumes().ensure(DATA, Ownership.ROOT);
        lab.sandbox(Requests.sandbox(POD, Map.of("data", new PodVolume.Managed("data"))));
        ContainerName first = new ContainerName(POD, "first");
        lab.started(mounting(
                first,
                "echo waits; until test -e /d/deep/file; do sleep 0.02; done; cat /d/deep/file; echo",
                mount("data", "/d")));
        lab.awaitLog(first, 0, "waits");

        assertEquals("of the image\n", lab.output(filling(WEB, 0, "cat /data/deep/file; echo")));

        lab.awaitEnd(first, 0);
        assertEquals("waits\nof the image\n", lab.log(first, 0));
    }

    @Test
    void a_volume_that_cannot_be_filled_keeps_its_container_from_starting_and_stays_empty() throws Exception {
        lab.volumes().ensure(DATA, Ownership.ROOT);
        lab.sandbox(Requests.sandbox(POD, Map.of("data", new PodVolume.Managed("data"))));
        Path aside = Files.createDirectory(lab.root().resolve("volumes/.making-data"));
        Mounts.tmpfs(aside, "size=4k");

        StartOutcome outcome = lab.runtime().start(filling(WEB, 0, "true"));

        Mounts.detach(aside);
        String message = assertInstanceOf(StartOutcome.Failed.class, outcome).message();
        assertTrue(message.startsWith("copy /data of the image to volume data: "), message);
        assertEquals("of the image\n", lab.output(filling(WEB, 1, "cat /data/deep/file; echo")));
    }

    @Test
    void a_managed_volume_that_is_not_there_is_refused() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        Layer layer = new Layer.Kept(List.of(new Layer.ImageVolume("/data", "data")));

        StartOutcome outcome = lab.runtime().start(Requests.withLayer(RuntimeLab.idle(WEB, 0), layer));

        assertEquals(new StartOutcome.Refused("volume data is not there"), outcome);
    }

    @Test
    void containers_of_a_pod_share_an_empty_directory() throws Exception {
        lab.sandbox(Requests.sandbox(POD, Map.of("shared", new PodVolume.EmptyDir(false, Optional.empty()))));
        lab.output(mounting(new ContainerName(POD, "writer"), "echo hello > /shared/file", mount("shared", "/shared")));

        assertEquals("hello\n", lab.output(mounting(WEB, "cat /in/file", mount("shared", "/in"))));
    }

    @Test
    void an_empty_directory_in_memory_has_its_limit() throws Exception {
        lab.sandbox(Requests.sandbox(POD, Map.of("shared", new PodVolume.EmptyDir(true, Optional.of(1L << 20)))));

        String output = lab.output(mounting(
                WEB, "dd if=/dev/zero of=/m/f bs=1024 count=4096 2>&1; stat -c %s /m/f", mount("shared", "/m")));

        assertTrue(output.contains("No space left on device"), output);
        assertTrue(output.endsWith("1048576\n"), output);
    }

    @Test
    void a_projected_file_changes_in_a_running_container() throws Exception {
        lab.sandbox(projecting("one"));
        lab.started(mounting(
                WEB,
                "cat /c/greeting; echo; until grep -q two /c/greeting; do sleep 0.02; done; cat /c/greeting; echo",
                mount("config", "/c")));
        lab.awaitLog(WEB, 0, "one");

        lab.sandbox(projecting("two"));

        lab.awaitEnd(WEB, 0);
        assertEquals("one\ntwo\n", lab.log(WEB, 0));
    }

    @Test
    void one_projected_file_is_mounted_by_its_sub_path_and_not_written() throws Exception {
        lab.sandbox(projecting("one"));

        String output = lab.output(mounting(
                WEB,
                "cat /etc/greeting; echo; echo no > /etc/greeting; echo no > /c/new",
                new VolumeMount("config", "/etc/greeting", "greeting", false, "None"),
                mount("config", "/c")));

        assertTrue(output.startsWith("one\n"), output);
        assertEquals(
                2,
                output.lines()
                        .filter(line -> line.contains("Read-only file system"))
                        .count(),
                output);
    }

    @Test
    void a_host_path_is_mounted() throws Exception {
        Path directory = Files.createDirectory(lab.root().resolve("host"));
        Files.writeString(directory.resolve("file"), "of the host");
        lab.sandbox(Requests.sandbox(
                POD,
                Map.of(
                        "dir", new PodVolume.HostPath(directory.toString(), "Directory"),
                        "file", new PodVolume.HostPath(directory.resolve("file").toString(), "File"))));

        String output = lab.output(
                mounting(WEB, "cat /d/file /f; echo; echo new > /d/new", mount("dir", "/d"), mount("file", "/f")));

        assertEquals("of the hostof the host\n", output);
        assertEquals("new\n", Files.readString(directory.resolve("new")));
    }

    @Test
    @DisplayName("S46 what a container mounts reaches the host where the host shares its mount, and else it says so")
    void what_a_container_mounts_reaches_the_host_where_that_shares_its_mount() throws Exception {
        Path directory = Files.createDirectories(lab.root().resolve("host"));
        Mounts.tmpfs(directory, "size=65536");
        Files.createDirectory(directory.resolve("below"));
        lab.sandbox(Requests.sandbox(POD, Map.of("dir", new PodVolume.HostPath(directory.toString(), ""))));
        ContainerRequest request = Requests.withSecurity(
                mounting(
                        WEB,
                        "mount -t tmpfs made /d/below && echo x > /d/below/file",
                        new VolumeMount("dir", "/d", "", false, "Bidirectional")),
                DevicesRuntimeKernelTest.privileged());

        sh("mount --make-private $0", directory);
        String message = assertInstanceOf(
                        StartOutcome.Refused.class, lab.runtime().start(request))
                .message();
        assertEquals(
                "path %s is mounted on %s but it is not a shared mount, which mountPropagation Bidirectional of /d needs;"
                                .formatted(directory.toRealPath(), directory.toRealPath())
                        + " mount --make-shared %s makes it one".formatted(directory.toRealPath()),
                message);

        sh("mount --make-shared $0", directory);
        assertEquals("", lab.output(request));
        assertEquals("x\n", Files.readString(directory.resolve("below/file")));
    }

    @Test
    void a_link_in_a_volume_does_not_lead_out_by_a_sub_path() throws Exception {
        lab.volumes().ensure(DATA, Ownership.ROOT);
        Path data = lab.volumes().find(DATA).orElseThrow();
        Files.createSymbolicLink(data.resolve("out"), Path.of("/etc"));
        lab.sandbox(Requests.sandbox(POD, Map.of("data", new PodVolume.Managed("data"))));

        StartOutcome outcome =
                lab.runtime().start(mounting(WEB, "ls /d", new VolumeMount("data", "/d", "out/apt", false, "None")));

        if (outcome instanceof StartOutcome.Started) {
            lab.awaitEnd(WEB, 0);
            assertEquals("", lab.log(WEB, 0));
            assertTrue(Files.isDirectory(data.resolve("etc/apt")));
        }
    }

    @Test
    void a_read_only_root_is_not_written_but_its_volumes_are() throws Exception {
        lab.sandbox(Requests.sandbox(POD, Map.of("shared", new PodVolume.EmptyDir(false, Optional.empty()))));
        Security readOnly = new Security(
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                false,
                true,
                true,
                List.of(),
                List.of(),
                Security.Seccomp.RUNTIME_DEFAULT,
                false,
                false);

        String output = lab.output(Requests.withSecurity(
                mounting(WEB, "exec 2>&1; echo x > /file; echo y > /v/file; cat /v/file", mount("shared", "/v")),
                readOnly));

        assertTrue(output.contains("/file: Read-only file system"), output);
        assertTrue(output.endsWith("y\n"), output);
    }

    @Test
    void a_created_container_has_its_layer_and_no_process() throws Exception {
        lab.sandbox(Requests.sandbox(POD));

        assertInstanceOf(StartOutcome.Started.class, lab.runtime().create(kept(0, COUNT)));

        assertEquals(1, lab.snapshots().writables().size());
        assertEquals(
                new ContainerState.Created(),
                lab.restart().getFirst().latest("web").orElseThrow().state());
        assertEquals("1\n", lab.output(kept(0, COUNT)));
    }

    @Test
    void a_log_goes_with_the_attempt_after_it() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        for (int attempt = 0; attempt < 3; attempt++) {
            assertEquals("hello\n", lab.output(RuntimeLab.shell(WEB, attempt, "echo hello")));
        }

        lab.runtime().remove(WEB, 0);
        assertEquals("hello\n", lab.log(WEB, 0));
        lab.runtime().remove(WEB, 1);

        assertFalse(Files.exists(lab.runtime().log(WEB, 0)));
        assertEquals("hello\n", lab.log(WEB, 1));
        lab.runtime().stop(WEB, 15, Duration.ZERO);
    }

    private static ContainerRequest kept(int attempt, String script) {
        return Requests.withLayer(RuntimeLab.shell(WEB, attempt, script), KEPT);
    }

    private static ContainerRequest filling(ContainerName container, int attempt, String script) {
        return Requests.withCopyUps(
                Requests.withMounts(RuntimeLab.shell(container, attempt, script), mount("data", "/data")),
                new ContainerRequest.CopyUp("data", "/data", ManagedVolumes.Owners.OF_IMAGE));
    }

    private static ContainerRequest mounting(ContainerName container, String script, VolumeMount... mounts) {
        return Requests.withMounts(RuntimeLab.shell(container, 0, script), mounts);
    }

    private static VolumeMount mount(String volume, String path) {
        return new VolumeMount(volume, path, "", false, "None");
    }

    private static SandboxRequest projecting(String greeting) {
        ProjectedFile file = new ProjectedFile(greeting.getBytes(StandardCharsets.UTF_8), 0644);
        return Requests.sandbox(POD, Map.of("config", new PodVolume.Projection(Map.of("greeting", file), false)));
    }
}
