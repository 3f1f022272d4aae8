package dev.slipway.engine.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.KernelNfsServer;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Directories of a real server of NFS, mounted by the kernel's client. Not every kernel has either: runs in the
/// virtual machine of `UnifiedHostVM`, whose kernel does.
class NfsInGuest {
    private static final VolumeName NAME = new VolumeName("default.shared");

    @TempDir
    private Path folder = Path.of("");

    private Path exported = Path.of("");
    private ManagedVolumes volumes = new ManagedVolumes(Path.of("/nowhere"));

    private Optional<KernelNfsServer> server = Optional.empty();

    @BeforeEach
    void open() throws IOException {
        exported = Files.createDirectories(folder.resolve("exported"));
        Files.createDirectory(exported.resolve("shared"));
        volumes = open(folder.resolve("volumes"));
        server = Optional.of(KernelNfsServer.start(exported));
    }

    private static ManagedVolumes open(Path directory) throws IOException {
        ManagedVolumes volumes = new ManagedVolumes(directory);
        volumes.open();
        return volumes;
    }

    @AfterEach
    void dismantle() throws IOException {
        volumes.mounted().dismantle();
        server.orElseThrow().close();
    }

    @Test
    @DisplayName("S48 a directory of a real NFS server is mounted, written, found again and let go of")
    void a_directory_of_a_real_server_is_a_volume() throws IOException {
        Path path = volumes.mounted().nfs(NAME, export("/shared", false));

        Files.writeString(path.resolve("file"), "of a client");
        assertEquals("of a client", Files.readString(exported.resolve("shared/file")));
        PodVolumes.give(path, new VolumeGroup(77, VolumeGroup.ChangePolicy.ALWAYS));
        assertEquals(0, Files.getAttribute(path.resolve("file"), "unix:gid"), "it is the server's to say");
        ManagedVolumes later = open(folder.resolve("volumes"));
        assertEquals(Optional.of(path), later.mounted().find(NAME));
        assertEquals("nfs4", Mounts.typeAt(path.toRealPath()).orElseThrow());
        later.mounted().detach(NAME);
        assertFalse(Files.exists(path));
        assertEquals("of a client", Files.readString(exported.resolve("shared/file")));
    }

    @Test
    void a_directory_that_is_read_only_is_not_written_and_one_that_is_not_there_is_named() throws IOException {
        Files.writeString(exported.resolve("shared/file"), "of the server");
        Path path = volumes.mounted().nfs(NAME, export("/shared", true));

        assertEquals("of the server", Files.readString(path.resolve("file")));
        IOException refused = assertThrows(IOException.class, () -> Files.writeString(path.resolve("file"), "changed"));
        assertTrue(refused.getMessage().contains("Read-only file system"), refused.getMessage());
        VolumeName none = new VolumeName("default.missing");
        IOException missing =
                assertThrows(IOException.class, () -> volumes.mounted().nfs(none, export("/missing", false)));
        assertEquals(
                "mount 127.0.0.1:/missing: mount 127.0.0.1:/missing on %s: no such file or directory (ENOENT)"
                        .formatted(folder.resolve("volumes/.mounted").resolve(none.value())),
                missing.getMessage());
    }

    /// Nobody uses it: the kernel takes leave of the server, three minutes long.
    @Test
    void who_lets_go_of_a_server_that_is_dead_does_not_wait_until_the_kernel_believes_it() throws Exception {
        Path path = volumes.mounted().nfs(NAME, export("/shared", false));
        Files.writeString(path.resolve("file"), "of a client");
        server.orElseThrow().die();

        letGo(path);

        server.orElseThrow().resume();
    }

    @Test
    void data_that_a_dead_server_has_not_got_hold_nobody_who_lets_go() throws Exception {
        Path path = volumes.mounted().nfs(NAME, export("/shared", false));
        Process writer = new ProcessBuilder(
                        "sh", "-c", "exec 3>%s/file; head -c 65536 /dev/zero >&3; echo; read x".formatted(path))
                .start();
        assertEquals('\n', writer.getInputStream().read());
        server.orElseThrow().die();
        writer.destroyForcibly();

        letGo(path);

        server.orElseThrow().resume();
        assertTrue(writer.waitFor(60, TimeUnit.SECONDS));
    }

    private void letGo(Path path) throws Exception {
        FutureTask<Boolean> letGo = new FutureTask<>(() -> {
            volumes.mounted().detach(NAME);
            return true;
        });
        Thread.ofPlatform().daemon().start(letGo);
        assertTrue(letGo.get(60, TimeUnit.SECONDS));
        assertEquals(Optional.empty(), volumes.mounted().find(NAME));
        assertFalse(Files.exists(path));
    }

    private static NfsExport export(String path, boolean readOnly) {
        return new NfsExport("127.0.0.1", path, readOnly, List.of());
    }
}
