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
    @DisplayName("S48 containers write to a directory of a real NFS server, and go when it is dead")
    void containers_write_to_a_server_and_go_when_it_is_dead() throws Exception {
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
        FutureTask<Boolean> removal = new FutureTask<>(() -> {
            lab.runtime().removePod(POD);
            lab.volumes().mounted().detach(SHARED);
            return true;
        });
        Thread.ofPlatform().daemon().start(removal);

        try {
            assertTrue(removal.get(100, TimeUnit.SECONDS));
            assertEquals(Optional.empty(), lab.runtime().find(POD));
        } finally {
            server.orElseThrow().resume();
        }
    }
}
