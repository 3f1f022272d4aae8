package dev.slipway.engine.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.ContainerState;
import dev.slipway.engine.runtime.Requests;
import dev.slipway.engine.runtime.RuntimeLab;
import dev.slipway.engine.runtime.SandboxRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Images of what real containers have written, or still write.
@Timeout(120)
class ContainerCommitKernelTest {
    private static final PodUid POD = new PodUid("committed");
    private static final ContainerName MAIN = new ContainerName(POD, "main");

    private static final SandboxRequest.Users OWN_USERS = new SandboxRequest.Users.Own(OptionalInt.empty(), 1 << 16);

    @TempDir
    private Path directory;

    private RuntimeLab lab;
    private BuilderRig rig;
    private LocalImage base;

    @BeforeEach
    void open() throws Exception {
        lab = RuntimeLab.open();
        rig = new BuilderRig(Files.createDirectory(directory.resolve("rig")), lab.runtime(), lab.snapshots());
        base = rig.built(
                        null,
                        "base",
                        new BuildStep.CopyFromHost(List.of("/bin/busybox"), false),
                        BuilderRig.file("/etc/passwd", "root:x:0:0::/:\nweb:x:1000:1001::/:\n"))
                .image();
    }

    @AfterEach
    void close() throws IOException {
        try {
            rig.close();
        } finally {
            lab.close();
        }
    }

    @Test
    @DisplayName("S28 S42 what a container has written becomes a layer on top of its image")
    void what_a_container_has_written_becomes_a_layer() throws Exception {
        run(OWN_USERS, "echo hi >/new; /bin/busybox rm /etc/passwd; echo done");
        lab.awaitEnd(MAIN, 0);

        LocalImage image = committed();

        assertEquals(base.layers(), image.layers().subList(0, 2));
        Path layer = rig.layer(image, 2);
        assertEquals("hi\n", Files.readString(layer.resolve("new")));
        assertTrue(facts("%F %t,%T", layer.resolve("etc/passwd")).startsWith("character special file 0,0"));
        assertEquals("hi\n", Files.readString(rig.unpacked("committed").resolve("new")));
    }

    @Test
    @DisplayName("S28 S38 a container that goes on writing is committed as it is at one moment, with its own user ids")
    void a_container_that_writes_is_committed() throws Exception {
        run(
                OWN_USERS,
                "echo hi >/of-web; /bin/busybox chown web /of-web; i=0; while true; do i=$((i+1));"
                        + " echo $i >>/one; echo $i >>/two; done");
        Path written = lab.runtime().kept(MAIN).orElseThrow();
        RuntimeLab.await(() -> size(written.resolve("two")) > 100_000);

        LocalImage image = committed();

        long soon = size(written.resolve("two"));
        RuntimeLab.await(() -> size(written.resolve("two")) > soon);
        assertInstanceOf(ContainerState.Running.class, lab.attempt(MAIN, 0).state(), "it goes on where it was");
        Path layer = rig.layer(image, 2);
        assertEquals("1000", facts("%u", layer.resolve("of-web")));
        assertEquals("0", facts("%u", layer.resolve("one")));
        int ahead = Files.readAllLines(layer.resolve("one")).size()
                - Files.readAllLines(layer.resolve("two")).size();
        assertTrue(ahead == 0 || ahead == 1, ahead + " lines between files that are written by turns");
    }

    @Test
    @DisplayName("S33 a container that is paused is committed and stays paused")
    void a_paused_container_stays_paused() throws Exception {
        run(new SandboxRequest.Users.OfHost(), "echo hi >/new; while true; do echo more >>/log; done");
        Path written = lab.runtime().kept(MAIN).orElseThrow();
        RuntimeLab.await(() -> size(written.resolve("log")) > 0);
        lab.runtime().pause(MAIN);

        LocalImage image = committed();

        assertEquals("hi\n", Files.readString(rig.layer(image, 2).resolve("new")));
        ContainerState.Paused paused = assertInstanceOf(
                ContainerState.Paused.class, lab.attempt(MAIN, 0).state());
        assertEquals(ContainerState.Paused.Cause.ASKED, paused.cause());
    }

    private void run(SandboxRequest.Users users, String script) throws Exception {
        lab.sandbox(Requests.withUsers(Requests.sandbox(POD), users));
        ContainerRequest writer =
                Requests.container(POD, MAIN.name(), 0, base, List.of("/bin/busybox", "sh", "-c", script));
        lab.started(Requests.withLayer(writer, new ContainerRequest.Layer.Kept(List.of())));
    }

    private LocalImage committed() throws Exception {
        return rig.builder.commit(
                base,
                new ImageBuilder.Written(POD, MAIN.name(), "commit of a test"),
                Set.of(Reference.parse("committed")));
    }

    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String facts(String format, Path file) {
        return Command.run("stat", "-c", format, file.toString()).strip();
    }
}
