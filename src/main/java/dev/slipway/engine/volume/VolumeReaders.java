package dev.slipway.engine.volume;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashMap;
import java.util.Map;

/// Who reads which volumes. Who removes one waits for its readers, and for nobody else's. Thread-safe: a monitor.
final class VolumeReaders {
    private static final long PAUSE_MILLIS = 1000;

    private final Map<VolumeName, Integer> readers = new HashMap<>();

    /// What is done at a moment without readers; short, because whoever wants to read waits.
    @FunctionalInterface
    interface Deed {
        void happen() throws IOException;
    }

    synchronized void enter(VolumeName name) {
        readers.merge(name, 1, Integer::sum);
    }

    synchronized void leave(VolumeName name) {
        readers.computeIfPresent(name, (read, count) -> count == 1 ? null : count - 1);
        notifyAll();
    }

    synchronized void whenNone(VolumeName name, Deed deed) throws IOException {
        try {
            while (readers.containsKey(name)) {
                wait(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while volume %s is being copied".formatted(name));
        }
        deed.happen();
    }
}
