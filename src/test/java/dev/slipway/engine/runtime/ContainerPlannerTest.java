package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.cgroup.Limits;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.launch.ImageUsers;
import dev.slipway.engine.launch.KernelView;
import dev.slipway.engine.launch.LogSettings;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.launch.RootFilesystem;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.snapshot.WritableLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerPlannerTest {
    private static final PodUid POD = new PodUid("pod");
    private static final RuntimeFiles FILES =
            new RuntimeFiles(Path.of("/root"), Path.of("/run"), new LogSettings.Rotation(8192, 3));
    private static final Path MOUNT_POINTS = Path.of("/root/mountpoints");
    private static final SandboxRecord SANDBOX = new SandboxRecord(
            POD,
            "default",
            "web",
            "web-host",
            "10.88.0.2",
            Optional.of(Path.of("/run/netns")),
            Optional.of(Path.of("/run/ipc")),
            Optional.empty(),
            false,
            Optional.of(Path.of("/run/shm")),
            Map.of(
                    "data", new SandboxRecord.Source(Path.of("/volumes/data"), Mount.Kind.DIRECTORY, false),
                    "config", new SandboxRecord.Source(Path.of("/volumes/config"), Mount.Kind.DIRECTORY, true),
                    "device", new SandboxRecord.Source(Path.of("/dev/fuse"), Mount.Kind.DEVICE, false),
                    "proc", new SandboxRecord.Source(Path.of("/proc"), Mount.Kind.DIRECTORY, false),
                    "socket", new SandboxRecord.Source(Path.of("/run/x.sock"), Mount.Kind.FILE, false)));
    private static final SandboxRecord ON_HOST = new SandboxRecord(
            POD,
            "default",
            "web",
            "myhost",
            "192.0.2.1",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            true,
            Optional.of(Path.of("/dev/shm")),
            Map.of());

    @TempDir
    private Path home;

    @Test
    void a_container_is_in_the_namespaces_of_its_pod() throws IOException {
        ContainerSpec spec = plan(request(), SANDBOX);

        Namespace own = new Namespace.New();
        assertEquals(
                new Namespace.Existing(Path.of("/run/netns")), spec.namespaces().net());
        assertEquals(
                new Namespace.Existing(Path.of("/run/ipc")), spec.namespaces().ipc());
        assertEquals(own, spec.namespaces().pid());
        assertEquals(own, spec.namespaces().uts());
        assertEquals(own, spec.namespaces().cgroup());
        assertEquals("web-host", spec.kernel().hostname());
        assertTrue(spec.kernel().sysctls().containsKey("net.ipv4.ip_unprivileged_port_start"));
    }

    @Test
    void a_container_of_a_pod_on_the_host_changes_nothing_of_it() throws IOException {
        ContainerSpec spec = plan(request(), ON_HOST);

        Namespace host = new Namespace.Host();
        assertEquals(host, spec.namespaces().net());
        assertEquals(host, spec.namespaces().ipc());
        assertEquals(host, spec.namespaces().pid());
        assertEquals(new Namespace.New(), spec.namespaces().uts());
        assertEquals(Map.of(), spec.kernel().sysctls());
    }

    @Test
    void every_container_has_the_files_and_memory_of_its_pod() throws IOException {
        ContainerSpec spec = plan(request(), SANDBOX);

        assertEquals(
                List.of("/dev/shm", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/sys/fs/cgroup"),
                spec.mounts().stream().map(Mount::destination).toList());
        assertEquals(
                Path.of("/run/pods/pod/etc/hosts"), bind(spec, "/etc/hosts").source());
        assertEquals(Path.of("/run/shm"), bind(spec, "/dev/shm").source());
        assertEquals(Path.of("/root/pods/pod/logs/web/2.log"), spec.log().file());
        assertEquals(new LogSettings.Rotation(8192, 3), spec.log().rotation());
    }

    @Test
    void deep_mounts_come_after_shallow_ones() throws IOException {
        ContainerSpec spec = plan(request(mount("data", "/a/b/c", "", false), mount("data", "/a", "", false)), SANDBOX);

        List<String> destinations =
                spec.mounts().stream().map(Mount::destination).toList();
        assertEquals("/a", destinations.getFirst());
        assertTrue(destinations.indexOf("/a") < destinations.indexOf("/a/b/c"));
    }

    @Test
    void a_mount_of_the_request_takes_the_place_of_the_engines() throws IOException {
        ContainerSpec spec =
                plan(request(mount("socket", "/etc//hosts/", "", false), mount("data", "/image", "", false)), SANDBOX);

        assertEquals(Path.of("/run/x.sock"), bind(spec, "/etc/hosts").source());
        assertEquals(Mount.Kind.FILE, bind(spec, "/etc/hosts").kind());
        assertEquals(Path.of("/volumes/data"), bind(spec, "/image").source());
    }

    @Test
    void a_device_is_mounted_as_one_and_has_nothing_below_it() throws IOException {
        ContainerSpec spec = plan(request(mount("device", "/dev/fuse", "", true)), SANDBOX);

        assertEquals(Mount.Kind.DEVICE, bind(spec, "/dev/fuse").kind());
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> plan(request(mount("device", "/dev/fuse", "below", false)), SANDBOX));
        assertTrue(refused.getMessage().contains("a device has nothing below it"), refused.getMessage());
    }

    @Test
    void nothing_takes_the_place_of_the_image() {
        for (String place : List.of("/", "//", "/./")) {
            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class, () -> plan(request(mount("data", place, "", false)), SANDBOX));
            assertTrue(refused.getMessage().startsWith("nothing can be mounted at /,"), refused.getMessage());
        }
    }

    @Test
    void nothing_takes_the_place_of_the_kernels_files_but_those_that_say_how_much_there_is() throws IOException {
        for (String place : List.of("/proc", "/proc/", "/proc/sys", "/proc/self/attr")) {
            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class, () -> plan(request(mount("data", place, "", false)), SANDBOX));
            assertTrue(refused.getMessage().contains("which is the kernel's"), refused.getMessage());
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> plan(request(), SANDBOX, List.of(), Map.of("/proc/self", Path.of("/volumes/0"))));

        assertEquals(
                Path.of("/run/x.sock"),
                bind(plan(request(mount("socket", "/proc/meminfo", "", false)), SANDBOX), "/proc/meminfo")
                        .source());
        assertEquals(
                Path.of("/proc"),
                bind(plan(request(mount("proc", "/proc", "", false)), SANDBOX), "/proc")
                        .source());
    }

    @Test
    void volumes_of_the_image_are_mounted() throws IOException {
        assertEquals(
                Path.of("/volumes/0"),
                bind(plan(request(), SANDBOX, List.of(), Map.of("/image", Path.of("/volumes/0"))), "/image")
                        .source());
    }

    @Test
    void what_is_read_only_stays_so() throws IOException {
        ContainerSpec spec = plan(
                request(
                        mount("data", "/data", "", true),
                        mount("config", "/config", "", false),
                        mount("data", "/free", "", false)),
                SANDBOX);

        assertEquals(Mount.Access.READ_ONLY, bind(spec, "/data").access());
        assertEquals(Mount.Access.READ_ONLY, bind(spec, "/config").access());
        assertEquals(Mount.Access.READ_WRITE, bind(spec, "/free").access());
    }

    @Test
    void a_sub_path_may_be_a_file() throws IOException {
        Files.writeString(home.resolve("app.conf"), "x");
        SandboxRecord sandbox = new SandboxRecord(
                POD,
                "default",
                "web",
                "web",
                "10.88.0.2",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Map.of("data", new SandboxRecord.Source(home, Mount.Kind.DIRECTORY, false)));

        ContainerSpec spec = plan(
                request(mount("data", "/etc/app.conf", "app.conf", false), mount("data", "/x", "none/yet", false)),
                sandbox);

        assertEquals(Mount.Kind.FILE, bind(spec, "/etc/app.conf").kind());
        assertEquals("app.conf", bind(spec, "/etc/app.conf").subPath());
        assertEquals(Mount.Kind.DIRECTORY, bind(spec, "/x").kind());
    }

    @Test
    void a_volume_that_the_pod_does_not_have_is_named() {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> plan(request(mount("nope", "/data", "", false)), SANDBOX));

        assertEquals("volume nope, mounted at /data, is not one of the pod's", e.getMessage());
    }

    @Test
    void a_privileged_container_sees_the_host() throws IOException {
        KernelView kernel = plan(Requests.withSecurity(request(), Requests.privileged()), SANDBOX)
                .kernel();

        assertEquals(List.of(), kernel.maskedPaths());
        assertEquals(List.of(), kernel.readOnlyPaths());
        assertEquals(List.of("/dev/fuse"), kernel.devices());
        assertEquals(List.of(), plan(request(), SANDBOX).kernel().devices());
    }

    @Test
    void a_read_only_root_makes_the_engines_files_read_only() throws IOException {
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

        ContainerSpec spec = plan(Requests.withSecurity(request(), readOnly), SANDBOX);

        assertTrue(spec.root().readOnly());
        assertEquals(Mount.Access.READ_ONLY, bind(spec, "/etc/hosts").access());
        assertEquals(Mount.Access.READ_WRITE, bind(spec, "/dev/shm").access());
    }

    @Test
    void places_to_mount_on_are_below_the_layers_of_the_image() throws IOException {
        List<Path> layers = List.of(Path.of("/layers/b"), Path.of("/layers/a"));

        assertEquals(List.of(MOUNT_POINTS), lowers(List.of()));
        assertEquals(List.of(layers.getFirst(), layers.getLast(), MOUNT_POINTS), lowers(layers));
    }

    @Test
    void an_image_of_as_many_layers_as_overlayfs_takes_has_nothing_below_them() throws IOException {
        List<Path> layers = Collections.nCopies(RootFilesystem.MOST_LAYERS, Path.of("/layers/a"));

        assertEquals(layers, lowers(layers));
    }

    private static List<Path> lowers(List<Path> layers) throws IOException {
        return assertInstanceOf(
                        RootFilesystem.Overlay.class,
                        plan(request(), SANDBOX, layers, Map.of()).root())
                .lowers();
    }

    @Test
    void a_memory_request_protects_and_limits_nothing() {
        Limits limits = ContainerPlanner.limits(new Resources(
                OptionalLong.of(100),
                OptionalLong.of(200),
                OptionalLong.of(1 << 20),
                OptionalLong.empty(),
                OptionalLong.of(7),
                0));

        assertEquals(OptionalLong.of(100), limits.cpu().requestMillis());
        assertEquals(OptionalLong.of(200), limits.cpu().limitMillis());
        assertEquals(
                new Limits.Memory(OptionalLong.of(1 << 20), OptionalLong.empty(), OptionalLong.empty()),
                limits.memory());
        assertEquals(OptionalLong.of(7), limits.pids());
    }

    private static ContainerRequest request(VolumeMount... mounts) {
        return Requests.withMounts(
                Requests.container(POD, "web", 2, Requests.image(RunParameters.EMPTY, List.of()), List.of("/bin/true")),
                mounts);
    }

    private static VolumeMount mount(String volume, String path, String subPath, boolean readOnly) {
        return new VolumeMount(volume, path, subPath, readOnly, "None");
    }

    private static ContainerSpec plan(ContainerRequest request, SandboxRecord sandbox) throws IOException {
        return plan(request, sandbox, List.of(), Map.of());
    }

    private static ContainerSpec plan(
            ContainerRequest request, SandboxRecord sandbox, List<Path> layers, Map<String, Path> imageVolumes)
            throws IOException {
        AttemptStorage.Storage storage = new AttemptStorage.Storage(
                layers,
                new WritableLayer(Path.of("/w/upper"), Path.of("/w/work")),
                RootFilesystem.Life.RUN,
                imageVolumes,
                List.of());
        return ContainerPlanner.plan(
                request,
                new ContainerPlanner.Parts(
                        new ContainerId("id"),
                        sandbox,
                        storage,
                        ImageUsers.of(List.of()),
                        CgroupPlacement.INHERITED,
                        List.of(),
                        List.of("/dev/fuse"),
                        sandbox.pidNamespace()),
                FILES);
    }

    private static Mount.Bind bind(ContainerSpec spec, String destination) {
        return spec.mounts().stream()
                .filter(mount -> mount.destination().equals(destination))
                .map(Mount.Bind.class::cast)
                .findFirst()
                .orElseThrow();
    }
}
