package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// Stops, continues and kills all processes of one cgroup directory, and of those below it.
sealed interface Freezer permits UnifiedFreezer, ClassicFreezer {
    static Freezer of(Path directory, boolean unified) {
        return unified ? new UnifiedFreezer(directory) : new ClassicFreezer(directory);
    }

    /// Returns when every process is frozen.
    ///
    /// @return false if some was not after `limit`
    boolean freeze(Duration limit) throws IOException;

    void thaw() throws IOException;

    boolean isFrozen() throws IOException;

    /// Whether all processes are frozen, or will be.
    boolean isFreezing() throws IOException;

    /// Kills every process, frozen or not, also those that are being forked; does not wait for their end.
    void kill() throws IOException;

    /// Whether no process is left.
    boolean isEmpty() throws IOException;
}
