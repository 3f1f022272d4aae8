package dev.slipway.app;

import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.network.PodNetworks;
import java.io.IOException;
import java.time.Duration;
import org.jboss.logging.Logger;

/// Looks once a second whether somebody else has changed the network of pods, and has it put right. A look at an
/// unchanged network costs a few system calls.
final class Upkeep implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Upkeep.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final PodNetworks networks;
    private final Schedule schedule;
    private volatile boolean closed;

    Upkeep(PodNetworks networks, Schedule schedule) {
        this.networks = networks;
        this.schedule = schedule;
    }

    void start() {
        schedule.delays().after(PAUSE, () -> schedule.workers().execute(this::look));
    }

    private void look() {
        if (closed) {
            return;
        }
        try {
            networks.verify();
        } catch (IOException e) {
            LOG.warnf("network not verified reason=\"%s\"", e.getMessage());
        }
        start();
    }

    @Override
    public void close() {
        closed = true;
    }
}
