package dev.slipway.engine.network;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.NetlinkSocket;
import dev.slipway.engine.linux.NetworkNamespace;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/// Takes for a pod the very address that it asks for. It may be free; or that of a network that is ready and nobody
/// has yet, which is given up; or that of a pod that was just detached, whose interface is then removed at once.
/// Thread-safe.
record FixedAddresses(
        NetlinkSocket route, Subnet subnet, AddressPool addresses, ReadyNetworks ready, Departures departures) {
    /// A network that is being made ready, or a pod that is being attached, is known a moment later.
    private static final Duration MOMENT = Duration.ofSeconds(1);
    private static final long PAUSE_NANOS = 2_000_000;

    /// A network with that address.
    ///
    /// @param given file of an empty namespace to be it; absent for one that is made
    /// @param holder tells the pod that has an address, if one does
    /// @throws TakenException when another has it
    /// @throws BindException when no pod can have it
    ReadyNetworks.Ready network(Ipv4 address, Optional<Path> given, Function<Ipv4, Optional<PodUid>> holder)
            throws IOException {
        take(address, holder);
        NetworkNamespace namespace;
        try {
            namespace = given.isPresent() ? NetworkNamespace.open(given.get()) : NetworkNamespace.create();
        } catch (IOException e) {
            addresses.release(address);
            throw e;
        }
        return ready.with(address, namespace);
    }

    private void take(Ipv4 address, Function<Ipv4, Optional<PodUid>> holder) throws IOException {
        if (!subnet.isForPods(address)) {
            throw new BindException("take address %s: pods can have those from %s to %s"
                    .formatted(address, subnet.firstForPods(), subnet.lastForPods()));
        }
        addresses.reserve(address);
        long deadline = System.nanoTime() + MOMENT.toNanos();
        while (!addresses.takeFree(address)) {
            Optional<PodUid> pod = holder.apply(address);
            if (pod.isPresent()) {
                throw TakenException.by(pod.get(), address);
            }
            if (System.nanoTime() - deadline > 0) {
                throw TakenException.bySomebody(address);
            }
            departures.finish(route, address);
            ready.giveUp(address);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
