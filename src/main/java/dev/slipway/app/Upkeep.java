package dev.slipway.app;

import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.engine.network.PodNetworks;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/// Waits for changes of the host's network and has those of others put right, and gives memory back when work is over.
/// Costs nothing while nothing happens: the kernel wakes it.
///
/// One thread of its own, because it waits in the kernel.
final class Upkeep implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Upkeep.class);

    /// Changes come in crowds, and most are our own.
    private static final Duration GATHERING = Duration.ofMillis(400);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final PodNetworks networks;
    private final InstantSource steady;
    private volatile boolean closed;

    Upkeep(PodNetworks networks, InstantSource steady) {
        this.networks = networks;
        this.steady = steady;
    }

    /// @param store whose writes are the work after which memory is given back
    void start(SqliteObjectStore store) {
        SpareMemory memory = new SpareMemory(store::resourceVersion, new SpareMemory.Own(store));
        Thread.ofPlatform().name("upkeep").daemon().start(() -> keepUp(memory));
    }

    /// Does not wait for the thread, which may be in the kernel for as long as [#LONGEST_WAIT].
    @Override
    public void close() {
        closed = true;
    }

    private void keepUp(SpareMemory memory) {
        try {
            while (!closed) {
                look(memory);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(SpareMemory memory) throws InterruptedException {
        try {
            if (networks.awaitChange(memory.isGivenBack() ? LONGEST_WAIT : SpareMemory.QUIET)) {
                Thread.sleep(GATHERING);
                networks.verify();
            }
            memory.look(steady.instant());
        } catch (IOException e) {
            LOG.warnf("upkeep not done reason=\"%s\"", e.getMessage());
            Thread.sleep(AFTER_FAILURE);
        } catch (RuntimeException | Error e) {
            // The root of this thread: without it nobody would look after the network any more.
            LOG.errorf(e, "upkeep not done");
            Thread.sleep(AFTER_FAILURE);
        }
    }
}
