package dev.slipway.app;

import dev.slipway.app.settings.EngineSettings;
import dev.slipway.disk.DirectoryLock;
import dev.slipway.engine.linux.MountEntry;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.user.IdRanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// `slipway dismantle`: takes everything of an engine that does not run off the host, so that it is as after a power
/// cut: no process, no network, no cgroup, no mount, no claimed user ids, no run directory. Objects, images, writable
/// layers and volumes stay; the next start of the engine makes the host as declared again.
record Dismantling(EngineSettings settings) {
    /// @return the exit code
    /// @throws IOException also when the engine runs, or another one in the same run directory
    int run() throws IOException {
        if (Files.isDirectory(settings.root()) && Files.isDirectory(settings.run())) {
            try (DirectoryLock _ = DirectoryLock.take(settings.root().resolve("objects"));
                    DirectoryLock _ = DirectoryLock.take(settings.run())) {
                takeDown();
            }
        }
        return 0;
    }

    private void takeDown() throws IOException {
        try (Threads threads = Threads.open();
                EngineColumn engine = EngineColumn.open(settings, threads)) {
            engine.dismantle();
        }
        try (IdRanges ids = IdRanges.ofHost(settings.run())) {
            ids.dismantle();
        }
        for (MountEntry mount : Mounts.table()) {
            if (mount.point().startsWith(settings.run())) {
                detachAll(mount.point());
            }
        }
        TreeRemoval.remove(settings.run());
    }

    private static void detachAll(Path point) throws IOException {
        boolean more = true;
        while (more) {
            more = Mounts.detach(point);
        }
    }
}
