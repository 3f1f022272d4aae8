package dev.slipway.engine.shim;

import dev.slipway.engine.linux.LockedDirectory;
import dev.slipway.engine.linux.ProcessSignals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// Kills what a dead shim may have left, by the cgroups that its run directory names.
final class Remains {
    private static final int SIGKILL = 9;
    private static final long POLL_NANOS = 1_000_000;

    private Remains() {}

    static void kill(List<Path> cgroups) throws IOException {
        for (Path directory : cgroups) {
            if (Files.exists(directory.resolve("cgroup.kill"))) {
                // Also what is frozen, and what is being forked at the moment.
                write(directory.resolve("cgroup.kill"), "1");
            } else {
                killEach(directory);
            }
        }
    }

    /// Kills what a shim watches that cannot be asked, and waits until it has recorded that or is gone.
    static void end(RunDirectory directory, Duration limit) throws IOException {
        if (directory.outcome().isEmpty()) {
            kill(directory.cgroups());
        }
        long deadline = System.nanoTime() + limit.toNanos();
        while (directory.outcome().isEmpty() && isLocked(directory) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static boolean isLocked(RunDirectory directory) throws IOException {
        Optional<LockedDirectory> lock = LockedDirectory.open(directory.path());
        lock.ifPresent(LockedDirectory::close);
        return lock.isEmpty();
    }

    /// Version 1: whoever is killed cannot fork any more, so the list becomes empty.
    private static void killEach(Path directory) throws IOException {
        for (int round = 0; round < 100; round++) {
            List<String> pids;
            try {
                pids = Files.readAllLines(directory.resolve("cgroup.procs"));
            } catch (NoSuchFileException e) {
                return;
            }
            if (pids.isEmpty()) {
                return;
            }
            for (String pid : pids) {
                ProcessSignals.send(Integer.parseInt(pid), SIGKILL);
            }
            // A frozen process does not die before it is thawed.
            write(directory.resolve("freezer.state"), "THAWED");
        }
    }

    private static void write(Path file, String text) throws IOException {
        if (Files.exists(file)) {
            Files.writeString(file, text);
        }
    }
}
