package dev.slipway.app;

import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.engine.linux.OwnProcess;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/// Gives what a burst of work has left behind back to the host, once the work is over: when nothing has been written
/// to the object store for [#QUIET]. What others do on this host is no work of ours. For one thread.
///
/// The collector shrinks the heap only when it collects all of it, which it does not do by itself while there is room.
/// What is softly held, most of it what reflection has found out about classes, is in use for the first collection
/// after work: a second one, when there was no further work, lets go of it.
///
/// Of the start-up cache, most is touched while containers start and little between; but whatever is done, if only to
/// pass by what others do, brings more of it back, in pieces of 64 KiB. So it is let go of again and again. Of the
/// virtual machine's own code most is the compiler's and the collector's: it is let go of after a collection.
final class SpareMemory {
    static final Duration QUIET = Duration.ofSeconds(2);

    static final Duration BETWEEN_LETTINGS = Duration.ofSeconds(10);

    static final long WORTH_IT_BYTES = 2L << 20;

    private final LongSupplier version;
    private final Memory memory;
    private long seenVersion = -1;
    private Instant quietSince = Instant.MAX;
    private Instant nextLetting = Instant.MIN;
    private boolean isGivenBack;
    private boolean isSoftlyHeld;
    private long settledBytes;

    /// @param version of the object store: grows with each write
    SpareMemory(LongSupplier version, Memory memory) {
        this.version = version;
        this.memory = memory;
    }

    /// What can be given back.
    interface Memory {
        /// Makes what is kept small.
        void pack();

        /// What the heap takes of the host.
        long heapBytes();

        /// Collects garbage and shrinks the heap.
        void shrinkHeap();

        void letGoOfStartupCache() throws IOException;

        /// Of the code that is not the engine's.
        void letGoOfVirtualMachine() throws IOException;
    }

    /// That of this process. For one thread.
    static final class Own implements Memory {
        private static final String STARTUP_CACHE = ".aot";
        private static final String VIRTUAL_MACHINE = "/libjvm.so";

        private final SqliteObjectStore store;
        private boolean isCached = true;

        Own(SqliteObjectStore store) {
            this.store = store;
        }

        @Override
        public void pack() {
            store.pack();
        }

        @Override
        public long heapBytes() {
            return Runtime.getRuntime().totalMemory();
        }

        @Override
        public void shrinkHeap() {
            System.gc();
        }

        @Override
        public void letGoOfStartupCache() throws IOException {
            if (isCached) {
                isCached = OwnProcess.letGoOfFile(STARTUP_CACHE).isPresent();
            }
        }

        @Override
        public void letGoOfVirtualMachine() throws IOException {
            OwnProcess.letGoOfFile(VIRTUAL_MACHINE);
        }
    }

    /// Whether there is nothing to give before the next write.
    boolean isGivenBack() {
        return isGivenBack && version.getAsLong() == seenVersion;
    }

    /// Cheap unless work is over and there is something to give.
    void look(Instant now) throws IOException {
        long current = version.getAsLong();
        if (current != seenVersion) {
            seenVersion = current;
            quietSince = now;
            isGivenBack = false;
        } else if (!now.isBefore(quietSince.plus(QUIET))) {
            giveBack(now);
        }
    }

    private void giveBack(Instant now) throws IOException {
        boolean isLongOver = isGivenBack;
        if (!isGivenBack) {
            isGivenBack = true;
            memory.pack();
            nextLetting = now;
        }
        if (!now.isBefore(nextLetting)) {
            // Answers to those who only ask leave garbage as well.
            boolean isGrown = memory.heapBytes() >= settledBytes + WORTH_IT_BYTES;
            if (isGrown || isLongOver && isSoftlyHeld) {
                collect();
                isSoftlyHeld = isGrown;
            }
            memory.letGoOfStartupCache();
            nextLetting = now.plus(BETWEEN_LETTINGS);
        }
    }

    private void collect() throws IOException {
        memory.shrinkHeap();
        settledBytes = memory.heapBytes();
        memory.letGoOfVirtualMachine();
    }
}
