package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.KernelNfsServer;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.volume.NfsExport;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Containers that write to a real server of NFS; runs in the virtual machine of `UnifiedHostVM`.
class NfsPodInGuest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final int MOST_TRIES = 10;
    private static final VolumeName SHARED = new VolumeName("default.shared");

    @TempDir
    private Path exported = Path.of("");

    private Optional<KernelNfsServer> server = Optional.empty();
    private Optional<RuntimeLab> opened = Optional.empty();

    @BeforeEach
    void open() throws IOException {
        server = Optional.of(KernelNfsServer.start(exported));
        opened = Optional.of(RuntimeLab.open());
    }

    @AfterEach
    void close() throws IOException {
        opened.orElseThrow().volumes().mounted().dismantle();
        opened.orElseThrow().close();
        server.orElseThrow().close();
    }

    @Test
    @DisplayName("S48 containers write to a directory of a real NFS server, and go when it is dead or back")
    void containers_write_to_a_server_and_go_when_it_is_dead_or_back() throws Exception {
        RuntimeLab lab = opened.orElseThrow();
        lab.volumes().mounted().nfs(SHARED, new NfsExport("127.0.0.1", "/", false, List.of()));
        lab.sandbox(Requests.sandbox(POD, Map.of("shared", new PodVolume.Managed(SHARED.value(), false))));
        lab.started(Requests.withMounts(
                RuntimeLab.shell(
                        WEB, 0, "echo first >/data/file; echo begun; while true; do echo x >>/data/file; done"),
                new VolumeMount("shared", "/data", "", false, "None")));
        lab.awaitLog(WEB, 0, "begun");
        assertTrue(Files.readString(exported.resolve("file")).startsWith("first\n"));

        server.orElseThrow().die();
        boolean isHeld = !isRemovedInTime(lab);
        // The kernel lets a killed process wait for the answer to what it has just written; it stays until then.
        assertEquals(isHeld, lab.runtime().find(POD).isPresent());
        server.orElseThrow().resume();

        // The client asks it again in its own time.
        for (int tries = 0; tries < MOST_TRIES && !isRemovedInTime(lab); tries++) {
            continue;
        }
        lab.volumes().mounted().detach(SHARED);
        assertEquals(Optional.empty(), lab.runtime().find(POD));
        assertTrue(Files.readString(exported.resolve("file")).matches("first\n(x\n)*"));
    }

    /// @return false if a process did not end
    private static boolean isRemovedInTime(RuntimeLab lab) throws Exception {
        FutureTask<Boolean> removal = new FutureTask<>(() -> {
            lab.runtime().removePod(POD);
            return true;
        });
        Thread.ofPlatform().daemon().start(removal);
        try {
            return removal.get(100, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("some process did not end"), e::toString);
            return false;
        }
    }
}
