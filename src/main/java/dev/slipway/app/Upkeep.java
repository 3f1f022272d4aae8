package dev.slipway.app;

import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.engine.network.PodNetworks;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Waits for changes of the host's network and has those of others put right, sees when a firewall of others keeps pods
/// from other hosts, and gives memory back when work is over. Costs next to nothing while nothing happens: the kernel
/// wakes it.
///
/// One thread of its own, because it waits in the kernel.
final class Upkeep implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Upkeep.class);

    /// Changes come in crowds, and most are our own.
    private static final Duration GATHERING = Duration.ofMillis(400);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final PodNetworks networks;
    private final String bridge;
    private final InstantSource steady;
    private volatile Optional<String> networkFault = Optional.empty();
    private volatile boolean closed;

    /// @param bridge of `networks`
    Upkeep(PodNetworks networks, String bridge, InstantSource steady) {
        this.networks = networks;
        this.bridge = bridge;
        this.steady = steady;
    }

    /// @param store whose writes are the work after which memory is given back
    /// @param told is run when [#networkFault] has changed
    void start(SqliteObjectStore store, Runnable told) {
        SpareMemory memory = new SpareMemory(store::resourceVersion, new SpareMemory.Own(store));
        Thread.ofPlatform().name("upkeep").daemon().start(() -> keepUp(memory, told));
    }

    /// Why pods do not reach other hosts, nor are reached by them; empty while they do.
    Optional<String> networkFault() {
        return networkFault;
    }

    /// Does not wait for the thread, which may be in the kernel for as long as [#LONGEST_WAIT].
    @Override
    public void close() {
        closed = true;
    }

    private void keepUp(SpareMemory memory, Runnable told) {
        try {
            while (!closed) {
                look(memory, told);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(SpareMemory memory, Runnable told) throws InterruptedException {
        try {
            if (networks.awaitChange(memory.isGivenBack() ? LONGEST_WAIT : SpareMemory.QUIET)) {
                Thread.sleep(GATHERING);
                networks.verify();
            }
            lookAtForwarding(told);
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

    private void lookAtForwarding(Runnable told) throws IOException {
        boolean isBlocked = networks.isBlocked();
        if (isBlocked != networkFault.isPresent()) {
            networkFault = isBlocked ? Optional.of(blocked()) : Optional.empty();
            networkFault.ifPresent(fault -> LOG.warnf("network unavailable reason=\"%s\"", fault));
            told.run();
        }
    }

    private String blocked() {
        return ("of the connections that were begun between pods and other hosts lately none has passed: where a firewall"
                        + " of this host drops all that is forwarded, as Docker and ufw set it up, let it pass with:"
                        + " iptables -I FORWARD -i %1$s -j ACCEPT; iptables -I FORWARD -o %1$s -j ACCEPT")
                .formatted(bridge);
    }
}
