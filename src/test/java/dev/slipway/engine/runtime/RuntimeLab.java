package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.cgroup.Cgroups;
import dev.slipway.engine.cgroup.Hierarchies;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.launch.LogSettings;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.HostSteps;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.NetworkNamespace;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.network.NetworkSettings;
import dev.slipway.engine.network.PodNetworks;
import dev.slipway.engine.network.Subnet;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.snapshot.Snapshots;
import dev.slipway.engine.snapshot.Staging;
import dev.slipway.engine.volume.ManagedVolumes;
import dev.slipway.engine.volume.PodVolumes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// A runtime with everything that it joins, on the real kernel: its own directories, cgroups, and a network that ends
/// in a namespace. Its one image is a layer with busybox in it.
public final class RuntimeLab implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final DiffId BUSYBOX = new DiffId(Digest.sha256("busybox".getBytes(StandardCharsets.UTF_8)));
    private static final List<String> APPLETS = List.of(("sh sleep cat echo true id hostname ls mkdir touch kill ip "
                    + "mount dd stat env chmod rm test tail readlink grep nc md5sum cut tr")
            .split(" "));

    /// Also the name of its table of packet rules.
    static final String BRIDGE = "slwlab0";

    private final Path home;
    private final NetworkNamespace host;
    private final String cgroupParent;
    private LabBackground background;
    private LabChores chores;
    private Snapshots snapshots;
    private PodVolumes podVolumes;
    private ManagedVolumes volumes;
    private ManagedVolumes volumeSnapshots;
    private PodNetworks networks;
    private Cgroups cgroups;
    private HostRuntime runtime;

    private RuntimeLab(Path home, NetworkNamespace host) {
        this.home = home;
        this.host = host;
        this.cgroupParent = home.getFileName().toString();
    }

    public static RuntimeLab open() throws IOException {
        return open(Files.createTempDirectory("slwrun"));
    }

    /// @param home which an earlier lab, perhaps of another process, may have left
    public static RuntimeLab open(Path home) throws IOException {
        RuntimeLab lab = new RuntimeLab(home, NetworkNamespace.create());
        Files.createDirectories(lab.run());
        lab.onHost(() -> Command.sh("ip link set lo up"));
        lab.openRooms();
        lab.runtime.recover();
        if (!lab.snapshots.hasLayer(BUSYBOX)) {
            lab.makeImage();
        }
        return lab;
    }

    private void openRooms() throws IOException {
        background = new LabBackground();
        chores = new LabChores();
        snapshots = new Snapshots(root().resolve("snapshots"), chores.direct());
        volumes = new ManagedVolumes(root().resolve("volumes"));
        volumeSnapshots = new ManagedVolumes(root().resolve("volumes/.snapshots"));
        podVolumes = new PodVolumes(root().resolve("volumes/.pods"), run().resolve("volumes"));
        cgroups = new Cgroups(Hierarchies.detect(), cgroupParent);
        Optional<Subnet> subnet = Optional.of(Subnet.parse("10.99.0.0/20"));
        networks = new PodNetworks(
                new NetworkSettings(run().resolve("network"), root().resolve("subnet"), BRIDGE, subnet, 2), chores);
        snapshots.open();
        volumes.open();
        volumeSnapshots.open();
        podVolumes.open();
        cgroups.open();
        host.inside(() -> {
            networks.open();
            return "";
        });
        runtime = new HostRuntime(
                files(),
                new HostRuntime.Rooms(snapshots, podVolumes, volumes, networks, cgroups),
                InstantSource.system(),
                new Random(),
                new HostRuntime.Workers(background, background));
        runtime.open();
    }

    private void makeImage() throws IOException {
        try (Staging staging = snapshots.stage()) {
            Path tree = staging.directory();
            for (String directory : List.of("bin", "etc", "tmp", "data/deep")) {
                Files.createDirectories(tree.resolve(directory));
            }
            Files.copy(Path.of("/bin/busybox"), tree.resolve("bin/busybox"));
            for (String applet : APPLETS) {
                Files.createSymbolicLink(tree.resolve("bin").resolve(applet), Path.of("busybox"));
            }
            Files.writeString(tree.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/data:\n");
            Files.writeString(tree.resolve("etc/group"), "root:x:0:\nweb:x:1000:\nstaff:x:50:web\n");
            Files.writeString(tree.resolve("data/deep/file"), "of the image");
            Files.setPosixFilePermissions(tree.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
            staging.commit(BUSYBOX);
        }
    }

    /// The engine is killed, and another one is started.
    public List<PodState> restart() throws IOException {
        return whileDown(() -> {});
    }

    @FunctionalInterface
    interface Meanwhile {
        void happens() throws IOException;
    }

    /// The engine is killed, something happens, another one is started.
    List<PodState> whileDown(Meanwhile meanwhile) throws IOException {
        closeRooms();
        meanwhile.happens();
        openRooms();
        return runtime.recover();
    }

    private void closeRooms() throws IOException {
        background.interrupt();
        HostSteps.letDie(runtime);
        background.close();
        chores.close();
        networks.close();
        cgroups.close();
    }

    /// The host goes down and comes up again: no process is left, no mount, and nothing below the run directory.
    List<PodState> reboot() throws IOException {
        closeRooms();
        cgroups.dismantle();
        // Who watched those that have ended would write that down while it is removed.
        await(() -> !HostCount.hasShims(run()));
        unmountAll();
        TreeRemoval.remove(run());
        Files.createDirectories(run());
        openRooms();
        return runtime.recover();
    }

    /// What the engine's upkeep does every now and then.
    List<String> verifyNetworks() throws IOException {
        return host.inside(networks::verify);
    }

    /// Closes what the kernel closes of a process that was killed: a namespace lives as long as it is held.
    void closeNamespaces() throws IOException {
        Object namespaces = Files.getAttribute(Path.of("/proc/self/ns/net"), "unix:dev");
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                int number = Integer.parseInt(descriptor.getFileName().toString());
                if (number != host.number()
                        && Files.exists(descriptor)
                        && Files.getAttribute(descriptor, "unix:dev").equals(namespaces)) {
                    new Fd(number).close();
                }
            }
        }
    }

    LabBackground background() {
        return background;
    }

    LabChores chores() {
        return chores;
    }

    public Path root() {
        return home.resolve("root");
    }

    public Path run() {
        return home.resolve("run");
    }

    RuntimeFiles files() {
        return new RuntimeFiles(root(), run(), LogSettings.Rotation.STANDARD);
    }

    public HostRuntime runtime() {
        return runtime;
    }

    public PodNetworks networks() {
        return networks;
    }

    public Snapshots snapshots() {
        return snapshots;
    }

    ManagedVolumes volumes() {
        return volumes;
    }

    ManagedVolumes volumeSnapshots() {
        return volumeSnapshots;
    }

    public Cgroups cgroups() {
        return cgroups;
    }

    public String cgroupParent() {
        return cgroupParent;
    }

    /// A port of the host that leads to a pod. Ports are bound where the test runs, too: each lab has an address of its
    /// own there. Java binds nothing to one that ends in 255.
    SandboxRequest.PortMapping port(int hostPort) {
        int number = Math.floorMod(cgroupParent.hashCode(), 254 * 254);
        String address = "127.1.%d.%d".formatted(1 + number / 254, 1 + number % 254);
        return new SandboxRequest.PortMapping(address, hostPort, 80, "TCP");
    }

    public static LocalImage image() {
        return image(Set.of());
    }

    /// @param volumes paths that the image declares
    static LocalImage image(Set<String> volumes) {
        return Requests.image(
                new RunParameters(
                        List.of("FROM=image"),
                        List.of(),
                        List.of(),
                        "",
                        "",
                        volumes,
                        "",
                        Set.of(),
                        Map.of(),
                        null,
                        List.of()),
                List.of(BUSYBOX));
    }

    public static ContainerRequest shell(ContainerName container, int attempt, String script) {
        return shell(container, attempt, image(), script);
    }

    static ContainerRequest shell(ContainerName container, int attempt, LocalImage image, String script) {
        return Requests.container(container.pod(), container.name(), attempt, image, List.of("/bin/sh", "-c", script));
    }

    /// A container that does nothing until it is stopped.
    static ContainerRequest idle(ContainerName container, int attempt) {
        return shell(container, attempt, "trap 'exit 0' TERM; echo idle; sleep 100000 & wait");
    }

    public PodState.Sandbox sandbox(SandboxRequest request) throws InterruptedException {
        SandboxOutcome outcome = runtime.ensureSandbox(request);
        return assertInstanceOf(SandboxOutcome.Ready.class, outcome, outcome::toString)
                .sandbox();
    }

    public Attempt started(ContainerRequest request) throws InterruptedException {
        StartOutcome outcome = runtime.start(request);
        return assertInstanceOf(StartOutcome.Started.class, outcome, outcome::toString)
                .attempt();
    }

    /// Runs a shell line in a container and tells what it wrote.
    public String output(ContainerRequest request) throws IOException, InterruptedException {
        started(request);
        awaitEnd(request.container(), request.attempt());
        return log(request.container(), request.attempt());
    }

    /// The lines that a container wrote, without times and streams.
    public String log(ContainerName container, int attempt) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line : Files.readAllLines(runtime.log(container, attempt))) {
            text.append(line.split(" ", 4)[3]).append('\n');
        }
        return text.toString();
    }

    public Attempt attempt(ContainerName container, int number) {
        return runtime.find(container.pod()).orElseThrow().attempts().stream()
                .filter(each -> each.container().equals(container) && each.number() == number)
                .findFirst()
                .orElseThrow();
    }

    public Attempt awaitEnd(ContainerName container, int number) {
        await(() -> !attempt(container, number).state().isAlive());
        return attempt(container, number);
    }

    void awaitLog(ContainerName container, int attempt, String wanted) {
        await(() -> hasLogged(container, attempt, wanted));
    }

    boolean hasLogged(ContainerName container, int attempt, String wanted) {
        try {
            return Files.exists(runtime.log(container, attempt))
                    && log(container, attempt).contains(wanted);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it did not happen within " + LIMIT);
            LockSupport.parkNanos(2_000_000);
        }
    }

    /// Mounts of the host below this lab's directories.
    public List<Path> mounts() throws IOException {
        Path real = home.toRealPath();
        return Mounts.table().stream()
                .map(each -> each.point())
                .filter(point -> point.startsWith(real))
                .toList();
    }

    private void unmountAll() throws IOException {
        for (Path mount : mounts().reversed()) {
            Mounts.detach(mount);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            for (PodState pod : runtime.list()) {
                runtime.removePod(pod.uid());
            }
            chores.close();
            host.inside(() -> {
                networks.dismantle();
                return "";
            });
        } catch (InterruptedException e) {
            throw new IOException(e);
        } finally {
            cgroups.dismantle();
            cgroups.close();
            runtime.close();
            background.interrupt();
            // Who is still at work would make things in what is removed.
            background.close();
            unmountAll();
            host.close();
            TreeRemoval.remove(home);
        }
    }

    /// Where the lab's bridge and ports are.
    public <T> T onHost(Callable<T> task) throws IOException {
        return host.inside(task);
    }
}
