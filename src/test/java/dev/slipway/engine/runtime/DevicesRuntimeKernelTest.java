package dev.slipway.engine.runtime;

import static dev.slipway.engine.registry.Command.sh;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.FreshDisk;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerRequest.Access;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.shim.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Which devices of the host a container reaches, whatever it mounts and whatever nodes it makes.
@Timeout(60)
class DevicesRuntimeKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final String MOUNT = "mount -t tmpfs none /data && cd /data && ";
    private static final String MAKE = "/bin/busybox mknod log c 1 11 && echo made; ";
    private static final String OPEN = "true < log && echo opened";

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
    @DisplayName("S40 who may mount and make nodes opens none of the host's devices, unless it is privileged")
    void a_node_on_a_mount_of_its_own_is_refused() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        String script = MOUNT + MAKE + OPEN + "; " + blockNode("disk") + " && true < disk && echo disk";

        String held = lab.output(Requests.withSecurity(RuntimeLab.shell(WEB, 0, script), mounting()));
        String free = lab.output(Requests.withSecurity(RuntimeLab.shell(WEB, 1, script), privileged()));

        assertEquals("made\nopened\ndisk\n", free);
        assertEquals("made\n", said(held));
        assertEquals(2, refusals(held), held);
    }

    @Test
    void a_disk_is_not_mounted() throws Exception {
        Path file = Files.createTempFile("disk", "");
        sh("truncate -s 16M %1$s && mkfs.ext4 -q %1$s".formatted(file));
        String disk = sh("losetup --find --show " + file).strip();
        try {
            String attack = MOUNT + node("disk", (long) Files.getAttribute(Path.of(disk), "unix:rdev"))
                    + " && mkdir to && mount -t ext4 -o ro disk to && echo mounted";
            lab.sandbox(Requests.sandbox(POD));

            String held = lab.output(Requests.withSecurity(RuntimeLab.shell(WEB, 0, attack), mounting()));
            String free = lab.output(Requests.withSecurity(RuntimeLab.shell(WEB, 1, attack), privileged()));

            assertEquals("mounted", free.strip());
            assertTrue(held.contains("permission denied"), held);
        } finally {
            sh("losetup -d " + disk);
            Files.delete(file);
        }
    }

    /// Of a file system that the host has mounted, the kernel asks nobody whether the disk may be opened: it is open.
    /// With the users of the host nothing is a wall there against who may mount and make nodes.
    @Test
    void a_disk_that_the_host_has_mounted_is_not_reached_from_a_user_namespace() throws Exception {
        try (FreshDisk disk = FreshDisk.make("16M", "mkfs.ext4 -q")) {
            Files.writeString(disk.directory().resolve("secret"), "of the host");
            String attack = MOUNT + node("disk", (long) Files.getAttribute(disk.directory(), "unix:dev"))
                    + "; mkdir to all; mount -t ext4 disk to && cat to/secret; mount -t devtmpfs none all && echo nodes";
            lab.sandbox(Requests.withUsers(Requests.sandbox(POD), SandboxRequest.Users.Own.USUAL));
            PodUid other = new PodUid("other");
            lab.sandbox(Requests.sandbox(other));

            String held = lab.output(Requests.withSecurity(RuntimeLab.shell(WEB, 0, attack), mounting()));
            String free = lab.output(
                    Requests.withSecurity(RuntimeLab.shell(new ContainerName(other, "web"), 0, attack), mounting()));

            assertTrue(free.contains("of the host"), free);
            assertTrue(free.contains("nodes"), free);
            assertEquals("", said(held), held);
            assertEquals(1, refusals(held), held);
        }
    }

    @Test
    void the_usual_devices_work() throws Exception {
        lab.sandbox(Requests.sandbox(POD));

        String output = lab.output(RuntimeLab.shell(
                WEB,
                0,
                "for d in null zero full random urandom; do true < /dev/$d && true >> /dev/$d && echo $d; done;"
                        + " echo x > /dev/full; dd if=/dev/urandom of=/dev/null bs=8 count=1 2>/dev/null && echo read;"
                        + " true <> /dev/ptmx && echo ptmx; mkdir /n && cd /n && " + MAKE));

        assertEquals("null\nzero\nfull\nrandom\nurandom\nread\nptmx\nmade\n", said(output));
        assertTrue(output.contains("No space left on device"), output);
    }

    @Test
    void a_terminal_is_opened_by_its_names() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.started(RuntimeLab.idle(WEB, 0));

        assertEquals(OptionalInt.of(0), executed(true, "true < /dev/tty && true <> $(readlink /proc/self/fd/0)"));
    }

    @Test
    void a_process_that_is_started_later_is_held_too() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.started(Requests.withSecurity(idleOnMount(), mounting()));
        lab.awaitLog(WEB, 0, "made");

        assertEquals(OptionalInt.of(1), executed(false, "cd /data && " + OPEN));
    }

    @Test
    void an_engine_that_starts_again_finds_containers_held() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.started(Requests.withSecurity(idleOnMount(), mounting()));
        lab.awaitLog(WEB, 0, "made");

        lab.restart();

        assertEquals(OptionalInt.of(1), executed(false, "cd /data && " + OPEN));
        assertEquals(OptionalInt.of(0), executed(false, "true < /dev/zero"));
    }

    @Test
    void a_device_that_the_pod_declares_works_as_far_as_it_is_mounted() throws Exception {
        lab.sandbox(
                Requests.sandbox(POD, Map.of("log", new SandboxRequest.PodVolume.HostPath("/dev/kmsg", "CharDevice"))));
        String script = "true < /log && echo read; true >> /log && echo written; chmod 777 /log || echo kept";

        String readOnly = lab.output(reading(0, script, Access.READ_ONLY));
        String writable = lab.output(reading(1, script, Access.READ_WRITE));

        assertEquals("read\nkept\n", said(readOnly));
        assertEquals(1, refusals(readOnly), readOnly);
        assertEquals("read\nwritten\nkept\n", said(writable));
    }

    @Test
    void a_device_that_is_a_mere_path_does_not_work() throws Exception {
        lab.sandbox(Requests.sandbox(POD, Map.of("log", new SandboxRequest.PodVolume.HostPath("/dev/kmsg", ""))));
        String script = "test -c /log && echo there; true < /log && echo read";

        String mounted = lab.output(reading(0, script, Access.READ_WRITE));
        String mounting = lab.output(Requests.withSecurity(reading(1, script, Access.READ_WRITE), mounting()));

        assertEquals("there\n", said(mounted));
        assertTrue(mounted.endsWith("Permission denied\n"), mounted);
        assertEquals("there\n", said(mounting));
        assertEquals(1, refusals(mounting), mounting);
    }

    @Test
    void a_pod_with_users_of_its_own_has_its_devices() throws Exception {
        SandboxRequest plain =
                Requests.sandbox(POD, Map.of("log", new SandboxRequest.PodVolume.HostPath("/dev/full", "CharDevice")));
        lab.sandbox(new SandboxRequest(
                plain.uid(),
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                plain.network(),
                new SandboxRequest.Sharing(false, SandboxRequest.Ipc.CONTAINER, true),
                Map.of(),
                Optional.empty(),
                plain.volumes()));

        String output = lab.output(Requests.withMounts(
                RuntimeLab.shell(WEB, 0, "true < /dev/zero && true < /log && echo read"), mount(Access.READ_WRITE)));

        assertEquals("read\n", output);
    }

    @Test
    void a_device_that_went_is_named() throws Exception {
        Path node = lab.root().resolve("node");
        Process made = new ProcessBuilder("mknod", node.toString(), "c", "1", "3")
                .inheritIO()
                .start();
        assertEquals(0, made.waitFor());
        lab.sandbox(Requests.sandbox(
                POD, Map.of("log", new SandboxRequest.PodVolume.HostPath(node.toString(), "CharDevice"))));
        Files.delete(node);

        StartOutcome outcome =
                lab.runtime().start(Requests.withMounts(RuntimeLab.idle(WEB, 0), mount(Access.READ_WRITE)));

        assertEquals(new StartOutcome.Failed("look at device %s: no such file".formatted(node)), outcome);
    }

    /// May read the kernel's log, as far as it is there.
    private static ContainerRequest reading(int attempt, String script, Access access) {
        return Requests.withSecurity(
                Requests.withMounts(RuntimeLab.shell(WEB, attempt, script), mount(access)),
                security(false, List.of("SYSLOG")));
    }

    private static ContainerRequest idleOnMount() {
        return RuntimeLab.shell(WEB, 0, MOUNT + MAKE + "while true; do sleep 0.05; done");
    }

    private OptionalInt executed(boolean terminal, String script) throws IOException, InterruptedException {
        Command command = new Command(List.of("/bin/sh", "-c", script), false, terminal);
        ExecResult result = lab.runtime().exec(WEB, command);
        try (Execution execution =
                assertInstanceOf(ExecResult.Running.class, result).execution()) {
            return execution.await(Duration.ofSeconds(20));
        }
    }

    /// Makes a node of a disk that this host has.
    private static String blockNode(String name) throws IOException {
        try (Stream<Path> nodes = Files.list(Path.of("/dev"))) {
            Path disk = nodes.filter(node -> isBlock(node)).sorted().findFirst().orElseThrow();
            long device = (long) Files.getAttribute(disk, "unix:rdev");
            return node(name, device);
        }
    }

    private static String node(String name, long device) {
        return "/bin/busybox mknod %s b %d %d".formatted(name, device >>> 8 & 0xfff, device & 0xff);
    }

    private static boolean isBlock(Path node) {
        try {
            return ((int) Files.getAttribute(node, "unix:mode") & 0170000) == 0060000;
        } catch (IOException e) {
            // A link to nothing.
            return false;
        }
    }

    /// Without what was refused.
    private static String said(String output) {
        StringBuilder lines = new StringBuilder();
        output.lines().filter(line -> !line.contains(": ")).forEach(line -> lines.append(line)
                .append('\n'));
        return lines.toString();
    }

    private static long refusals(String output) {
        return output.lines()
                .filter(line -> line.endsWith("Operation not permitted"))
                .count();
    }

    private static VolumeMount mount(Access access) {
        return new VolumeMount("log", "/log", "", access, "None");
    }

    /// May do what the kernel's log asks for as well.
    private static Security mounting() {
        return security(false, List.of("SYS_ADMIN", "MKNOD", "SYSLOG"));
    }

    static Security privileged() {
        return security(true, List.of());
    }

    private static Security security(boolean privileged, List<String> capabilities) {
        return new Security(
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                privileged,
                true,
                false,
                capabilities,
                List.of(),
                Security.Seccomp.RUNTIME_DEFAULT,
                false,
                false);
    }
}
