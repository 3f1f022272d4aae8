package dev.slipway.app;

/// Gives the heap that a burst of work has left behind back to the host: the collector shrinks it only when it collects
/// all of it, which it does not do by itself while there is room. For one thread.
final class SpareMemory {
    private static final long WORTH_IT_BYTES = 8L << 20;

    private final Runtime runtime = Runtime.getRuntime();
    private long settledBytes;

    /// Cheap unless there is something to give.
    void giveBack() {
        if (runtime.totalMemory() > settledBytes + WORTH_IT_BYTES) {
            System.gc();
            settledBytes = runtime.totalMemory();
        }
    }
}
