package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the host mounts below a volume while a container runs.
@Timeout(60)
class MountPropagationKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");

    private RuntimeLab lab;
    private Path directory;

    @BeforeEach
    void open() throws Exception {
        lab = RuntimeLab.open();
        directory = tmpfs("host");
        Files.createDirectory(directory.resolve("below"));
        lab.sandbox(Requests.sandbox(POD, Map.of("dir", new PodVolume.HostPath(directory.toString(), ""))));
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    @DisplayName("S46 what the host mounts later reaches a container that asks for it, from a shared mount or a slave")
    void what_the_host_mounts_later_reaches_the_container() throws Exception {
        make("shared", directory);
        requireArrival(WEB);

        Path slave = Files.createDirectories(lab.root().resolve("slave"));
        run("mount", "--bind", directory.toString(), slave.toString());
        make("slave", slave);
        PodUid other = new PodUid("other");
        lab.sandbox(Requests.sandbox(other, Map.of("dir", new PodVolume.HostPath(slave.toString(), ""))));
        requireArrival(new ContainerName(other, "web"));
    }

    @Test
    @DisplayName("S46 a private mount of the host, from which nothing would arrive, is refused to who asks for that")
    void a_private_mount_is_refused() throws Exception {
        make("private", directory);

        String message = assertInstanceOf(
                        StartOutcome.Refused.class, lab.runtime().start(waiting(WEB)))
                .message();

        Path real = directory.toRealPath();
        assertEquals(
                "path %s is mounted on %s but it is not a shared or slave mount, which mountPropagation HostToContainer of /d needs; mount --make-shared %s makes it one"
                        .formatted(real, real, real),
                message);
        make("shared", directory);
        requireArrival(WEB);
    }

    /// What is mounted on the shared mount appears below a slave of it, too.
    private void requireArrival(ContainerName name) throws Exception {
        lab.started(waiting(name));
        Mounts.tmpfs(directory.resolve("below"), "size=65536");
        Files.writeString(directory.resolve("below/mark"), "of the host");
        lab.awaitEnd(name, 0);
        assertEquals("of the host\n", lab.log(name, 0));
        Mounts.detach(directory.resolve("below"));
    }

    private static ContainerRequest waiting(ContainerName name) {
        return Requests.withMounts(
                RuntimeLab.shell(name, 0, "until [ -s /d/below/mark ]; do sleep 0.01; done; cat /d/below/mark; echo"),
                new VolumeMount("dir", "/d", "", false, "HostToContainer"));
    }

    private Path tmpfs(String name) throws IOException {
        Path made = Files.createDirectories(lab.root().resolve(name));
        Mounts.tmpfs(made, "size=65536");
        return made;
    }

    private static void make(String propagation, Path mount) throws Exception {
        run("mount", "--make-" + propagation, mount.toString());
    }

    private static void run(String... words) throws Exception {
        assertEquals(0, new ProcessBuilder(words).inheritIO().start().waitFor(), String.join(" ", words));
    }
}
