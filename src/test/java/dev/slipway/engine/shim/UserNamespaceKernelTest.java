package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.launch.Capability;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Mount.Access;
import dev.slipway.engine.launch.Mount.Kind;
import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.launch.Namespaces;
import dev.slipway.engine.launch.UserNamespace;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Containers whose users are others than the host's.
@Timeout(60)
class UserNamespaceKernelTest {
    private static final int FIRST = 1_500_000_000;

    private ShimLab lab;
    private Path pins;
    private Namespaces namespaces;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        lab = new ShimLab();
        pins = Files.createDirectory(lab.home().resolve("pins"));
        lab.shims().userNamespaces().make("test", this::pin, ShimLab.LIMIT);
        Namespace own = new Namespace.New();
        namespaces = new Namespaces(
                own,
                own,
                existing("ipc"),
                existing("net"),
                own,
                Optional.of(new UserNamespace(pins.resolve("user"), FIRST, 1 << 16)));
    }

    @AfterEach
    void close() throws IOException {
        for (String kind : new String[] {"user", "ipc", "net"}) {
            Mounts.detach(pins.resolve(kind));
        }
        lab.close();
    }

    @Test
    void root_inside_is_nobody_outside() throws Exception {
        ShimLab.Started started = container("id -u; sleep 60").start();
        started.awaitLine("0");

        String status = Files.readString(Path.of("/proc/" + started.pid() + "/status"));

        assertTrue(status.contains("Uid:\t1500000000\t1500000000\t1500000000\t1500000000\n"), status);
        assertTrue(status.contains("Gid:\t1500000000\t1500000000\t1500000000\t1500000000\n"), status);
        assertTrue(status.contains("Groups:\t1500000000 \n"), status);
    }

    @Test
    void each_namespace_belongs_to_it() throws Exception {
        String output = container(
                        "hostname inside && hostname; ip link set lo down && echo net; mount -t tmpfs none /tmp && echo mnt")
                .with(Capability.SYS_ADMIN, Capability.NET_ADMIN)
                .output();

        assertEquals("inside\nnet\nmnt", output);
    }

    @Test
    void files_of_the_image_have_their_owners_and_nothing_is_changed_on_the_disk() throws Exception {
        Path owned = Files.createFile(lab.layer().resolve("etc/owned"));
        Files.setAttribute(owned, "unix:uid", 1234);
        ContainerDraft draft =
                container("stat -c %u /etc/owned /bin /; touch /made; chown 7:8 /made; stat -c %u:%g /made");

        assertEquals("1234\n0\n0\n7:8", draft.output());
        assertEquals(1234, Files.getAttribute(owned, "unix:uid"));
        assertEquals(7, Files.getAttribute(lab.upper(draft.id()).resolve("made"), "unix:uid"));
    }

    @Test
    void a_volume_keeps_the_owners_that_the_host_sees() throws Exception {
        Path volume = Files.createDirectory(lab.home().resolve("volume"));
        Path file = Files.writeString(volume.resolve("of-user"), "kept");
        Files.setAttribute(file, "unix:uid", 1000);
        Mount mount = new Mount.Bind(volume, "/data", Kind.DIRECTORY, Access.READ_WRITE);

        String output = container("stat -c %u /data/of-user; cat /data/of-user; echo; echo new > /data/new")
                .mounts(mount)
                .output();

        assertEquals("1000\nkept", output);
        assertEquals(0, Files.getAttribute(volume.resolve("new"), "unix:uid"));
    }

    @Test
    void the_host_s_own_files_are_nobody_s() throws Exception {
        String output = container(
                        "stat -c %u /proc/self/status /proc/sys/kernel/hostname /sys; echo x > /proc/sys/kernel/panic || echo refused; mknod /tmp/disk b 8 0 || echo no nodes")
                .output();

        assertTrue(output.startsWith("0\n"), output);
        assertTrue(output.contains("refused"), output);
        assertTrue(output.contains("no nodes"), output);
    }

    @Test
    void the_standard_devices_and_streams_work() throws Exception {
        String output = container(
                        "echo lost > /dev/null && head -c 2 /dev/zero | wc -c; echo out > /dev/stdout; ls /dev/pts /dev/mqueue /dev/shm; touch /dev/shm/x && stat -c %u /dev/shm/x")
                .output();

        assertTrue(output.startsWith("2\nout\n"), output);
        assertTrue(output.endsWith("\n0"), output);
    }

    @Test
    void an_unprivileged_user_of_the_image_runs_in_it() throws Exception {
        String output = container("id -u; id -g; touch /tmp/x 2>/dev/null || echo denied")
                .user(1000, 1001, 5)
                .output();

        assertEquals("1000\n1001\ndenied", output);
    }

    @Test
    void a_terminal_belongs_to_the_user() throws Exception {
        String output = container("tty; stat -c %u /dev/pts/0 /dev/console; echo to > /dev/console")
                .stdio(false, false, true)
                .user(1000, 1000)
                .output();

        assertTrue(output.contains("/dev/pts/0"), output);
        assertTrue(output.contains("1000"), output);
        assertFalse(output.contains("denied"), output);
    }

    @Test
    void one_more_process_has_its_users() throws Exception {
        ShimLab.Started started = container("sleep 60").start();
        Command command = new Command(List.of("sh", "-c", "id -u; touch /made; stat -c %u /made"), false, false);

        ExecResult result = lab.shims().exec(started.id(), command, CgroupPlacement.INHERITED, ShimLab.LIMIT);

        try (Execution execution =
                assertInstanceOf(ExecResult.Running.class, result).execution()) {
            String output = new String(execution.stdout().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals("0\n0\n", output);
        }
    }

    private ContainerDraft container(String script) throws IOException {
        return lab.container(script).namespaces(namespaces);
    }

    private Namespace existing(String kind) {
        return new Namespace.Existing(pins.resolve(kind));
    }

    private void pin(int pid) throws IOException {
        for (String map : new String[] {"uid_map", "gid_map"}) {
            Files.writeString(
                    Path.of("/proc/%d/%s".formatted(pid, map)),
                    "0 %d 65536".formatted(FIRST),
                    StandardOpenOption.WRITE);
        }
        for (String kind : new String[] {"user", "ipc", "net"}) {
            Files.createFile(pins.resolve(kind));
            Mounts.bind("/proc/%d/ns/%s".formatted(pid, kind), pins.resolve(kind));
        }
    }
}
