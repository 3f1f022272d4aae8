package dev.slipway.app;

import dev.slipway.engine.linux.OwnProcess;
import java.io.IOException;

/// Gives what a burst of work has left behind back to the host. For one thread.
///
/// The collector shrinks the heap only when it collects all of it, which it does not do by itself while there is room.
/// Of the start-up cache, most is touched while containers start and hardly anything between.
final class SpareMemory {
    private static final long WORTH_IT_BYTES = 8L << 20;
    private static final String STARTUP_CACHE = ".aot";

    private final Runtime runtime = Runtime.getRuntime();
    private long settledBytes;
    private boolean worked = true;
    private boolean isCached = true;

    /// Something has been done since the last time.
    void worked() {
        worked = true;
    }

    boolean isGivenBack() {
        return !worked;
    }

    /// Cheap unless there is something to give.
    void giveBack() throws IOException {
        if (runtime.totalMemory() > settledBytes + WORTH_IT_BYTES) {
            System.gc();
            settledBytes = runtime.totalMemory();
        }
        boolean isDue = worked && isCached;
        worked = false;
        if (isDue) {
            isCached = OwnProcess.letGoOfFile(STARTUP_CACHE).isPresent();
        }
    }
}
