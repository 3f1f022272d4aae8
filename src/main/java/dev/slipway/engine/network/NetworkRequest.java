package dev.slipway.engine.network;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What network a pod shall have.
public sealed interface NetworkRequest {
    /// A namespace and an address of its own.
    ///
    /// @param ports of the host that lead to it; no two of them clash
    /// @param address the very one; empty for any
    /// @param namespace file of a network namespace to be the pod's, empty or [prepared][PodNetworks#prepare], the
    ///     latter only for any address; absent for one that is made
    record Own(List<PortMapping> ports, Optional<Ipv4> address, Optional<Path> namespace) implements NetworkRequest {
        public Own(List<PortMapping> ports) {
            this(ports, Optional.empty(), Optional.empty());
        }

        public Own {
            ports = List.copyOf(ports);
            for (int i = 0; i < ports.size(); i++) {
                for (PortMapping later : ports.subList(i + 1, ports.size())) {
                    if (ports.get(i).clashesWith(later)) {
                        throw new IllegalArgumentException(
                                "port is mapped twice: %s and %s".formatted(ports.get(i), later));
                    }
                }
            }
        }
    }

    /// A namespace with nothing but its loopback.
    ///
    /// @param namespace as with [Own]
    record Alone(Optional<Path> namespace) implements NetworkRequest {}

    /// The host's own network: what the pod listens on is the host's.
    record Host() implements NetworkRequest {}
}
