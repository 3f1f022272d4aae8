package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.copy.CopyRefusedException;
import dev.slipway.engine.copy.IncomingCopy;
import dev.slipway.engine.copy.MissingFileException;
import dev.slipway.engine.copy.OutgoingCopy;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerRequest.Layer;
import dev.slipway.engine.shim.ContainerRoot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Copies from and to containers that do not run, whose layer is kept.
class RestingContainersKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final IncomingCopy.Wishes AS_IT_IS = new IncomingCopy.Wishes("", false);
    private static final String SHOW = "cat /written /arrived; stat -c %u:%g /written /arrived";

    private RuntimeLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = RuntimeLab.open();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_it_wrote_comes_out_and_what_comes_in_is_there_when_it_runs_again(boolean hasUsers) throws Exception {
        SandboxRequest sandbox = Requests.sandbox(POD);
        lab.sandbox(hasUsers ? Requests.withUsers(sandbox, SandboxRequest.Users.Own.USUAL) : sandbox);
        lab.output(kept(0, "echo one >/written; chown 10:20 /written; rm /bin/ip; mkdir /gone; rm -r /gone"));
        List<Path> mounts = lab.mounts();

        byte[] written = take("/written");
        assertTrue(text(written).contains("one\n"), "its content");
        assertTrue(text(written).contains("0000012\0" + "0000024\0"), "owner 10:20 as the container counts");
        assertTrue(text(take("/bin/busybox")).length() > 100_000, "of the image");
        assertThrows(MissingFileException.class, () -> take("/bin/ip"));
        put("/", new IncomingCopy.Wishes("arrived", false), written);

        assertEquals(mounts, lab.mounts());
        lab.runtime().remove(WEB, 0);
        assertEquals("one\none\n10:20\n10:20\n", lab.output(kept(1, SHOW)));
    }

    @Test
    void it_is_there_also_after_the_host_was_restarted() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.output(kept(0, "echo one >/written"));

        lab.reboot();
        lab.runtime().retain(Set.of(POD));

        assertTrue(text(take("/written")).contains("one\n"));
    }

    @Test
    void links_lead_where_they_lead_for_the_container() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.output(
                kept(0, "ln -s ../../../../../proc/1/root/etc out; ln -s /real in; mkdir real; echo one >real/file"));

        assertTrue(text(take("/in/file")).contains("one\n"));
        assertThrows(MissingFileException.class, () -> take("/out/passwd"));
        assertThrows(IOException.class, () -> put("/out", AS_IT_IS, take("/real/file")));
    }

    @Test
    void nothing_is_copied_from_or_to_what_a_volume_hides_while_it_runs() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.output(kept(
                0,
                "mkdir -p data/deep real; echo one >data/deep/file; ln -s /data link; ln -s /real alias;"
                        + " echo conf >conf; echo two >two"));
        List<String> missing = List.of("/data/", "/alias/sub", "/conf", "/alias");

        for (String path : List.of(
                "/data", "/data/deep/file", "/data/nothing", "/link/deep", "/real", "/alias", "/conf", "/", "/.")) {
            IOException refused = assertThrows(IOException.class, () -> look(path, missing), path);
            assertInstanceOf(CopyRefusedException.class, refused, path);
            assertTrue(refused.getMessage().contains("only while the container runs"), refused.getMessage());
        }
        byte[] two = take("/two", missing);
        for (String path : List.of("/data", "/data/deep", "/link", "/real")) {
            assertThrows(CopyRefusedException.class, () -> put(path, AS_IT_IS, two, missing), path);
        }
        assertThrows(CopyRefusedException.class, () -> put("/", new IncomingCopy.Wishes("conf", false), two, missing));
        put("/bin", AS_IT_IS, two, missing);
        assertTrue(text(take("/bin/two", missing)).contains("two\n"));
    }

    @Test
    void it_does_not_start_while_it_is_written_and_does_afterwards() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.output(kept(0, "echo one >/written"));
        lab.runtime().remove(WEB, 0);
        FutureTask<StartOutcome> starting = new FutureTask<>(() -> lab.runtime().start(kept(1, "sleep 60")));

        try (ContainerRoot root = atRest(List.of(), true)) {
            Thread.ofPlatform().start(starting);
            RuntimeLab.await(() -> lab.runtime().kept(WEB).isPresent() && isEntered());
            assertFalse(starting.isDone());
            assertThrows(IOException.class, () -> atRest(List.of(), true), "somebody else writes");
            assertTrue(root.rest().isPresent());
        }

        assertInstanceOf(StartOutcome.Started.class, starting.get(20, TimeUnit.SECONDS));
        for (boolean isToWrite : new boolean[] {false, true}) {
            IOException runs = assertThrows(IOException.class, () -> atRest(List.of(), isToWrite));
            assertTrue(runs.getMessage().contains("has been started meanwhile"), runs.getMessage());
        }
    }

    /// A run that is being started is something already.
    private boolean isEntered() {
        try {
            atRest(List.of(), false).close();
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static ContainerRequest kept(int attempt, String script) {
        return Requests.withLayer(RuntimeLab.shell(WEB, attempt, script), new Layer.Kept(List.of()));
    }

    private ContainerRoot atRest(List<String> missing, boolean isToWrite) throws IOException {
        return lab.runtime()
                .rootAtRest(WEB, new ContainerRequest.AtRest(RuntimeLab.image().layers(), missing, isToWrite));
    }

    /// Before anything is written.
    private void look(String path, List<String> missing) throws IOException {
        try (ContainerRoot root = atRest(missing, false)) {
            OutgoingCopy.of(root, path, "").close();
        }
    }

    private byte[] take(String path) throws IOException {
        return take(path, List.of());
    }

    private byte[] take(String path, List<String> missing) throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try (ContainerRoot root = atRest(missing, false);
                OutgoingCopy copy = OutgoingCopy.of(root, path, "")) {
            copy.writeTo(archive);
        }
        return archive.toByteArray();
    }

    private void put(String path, IncomingCopy.Wishes wishes, byte[] archive) throws IOException {
        put(path, wishes, archive, List.of());
    }

    private void put(String path, IncomingCopy.Wishes wishes, byte[] archive, List<String> missing) throws IOException {
        try (ContainerRoot root = atRest(missing, true)) {
            IncomingCopy.unpack(root, path, wishes, new ByteArrayInputStream(archive));
        }
    }

    private static String text(byte[] archive) {
        return new String(archive, StandardCharsets.ISO_8859_1);
    }
}
