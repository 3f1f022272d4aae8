package dev.slipway.app;

import dev.slipway.door.progress.StoreFeed;
import dev.slipway.door.progress.Terminal;
import dev.slipway.door.progress.UpProgress;
import dev.slipway.door.progress.UpRequest;
import dev.slipway.engine.linux.OwnProcess;
import io.quarkus.runtime.Quarkus;
import java.time.Duration;
import java.time.InstantSource;

/// `slipway up`: shows on a thread of its own how the directory converges, while the main thread waits for the end of
/// the process. Used by the main thread.
///
/// @param exit whether the engine leaves when the directory has converged, or cannot
record UpRun(UpRequest request, boolean exit) {
    private static final int STANDARD_OUTPUT = 1;
    private static final Duration END_LIMIT = Duration.ofSeconds(1);

    /// @return the exit code
    int await(Engine.View engine) throws InterruptedException {
        Terminal terminal = Terminal.of(System.out, UpRun::size, System.getenv());
        try (StoreFeed feed = new StoreFeed(
                engine.desired().store(), engine.desired().objects().kinds())) {
            Show show = new Show(new UpProgress(request, feed, terminal, InstantSource.system()), engine.doors());
            Thread thread = Thread.ofPlatform().name("up").start(show);
            Quarkus.waitForExit();
            thread.interrupt();
            thread.join(END_LIMIT);
            show.progress.farewell();
            return show.exitCode;
        }
    }

    private static Terminal.Size size() {
        return OwnProcess.window(STANDARD_OUTPUT)
                .map(size -> new Terminal.Size(size.columns(), size.rows()))
                .orElse(Terminal.Size.NONE);
    }

    /// From the first round of the directory to the end of the process.
    private final class Show implements Runnable {
        private final UpProgress progress;
        private final Doors doors;
        private volatile int exitCode;

        private Show(UpProgress progress, Doors doors) {
            this.progress = progress;
            this.doors = doors;
        }

        @Override
        public void run() {
            try {
                doors.gitops().awaitFirstRounds(request.limit());
                UpProgress.Outcome outcome = progress.run();
                exitCode = exit && outcome != UpProgress.Outcome.CONVERGED ? 1 : 0;
                if (exit) {
                    Quarkus.asyncExit(exitCode);
                    return;
                }
                progress.stay();
                progress.follow();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
