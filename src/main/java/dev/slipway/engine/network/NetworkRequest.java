package dev.slipway.engine.network;

import java.util.List;

/// What network a pod shall have.
public sealed interface NetworkRequest {
    /// A namespace and an address of its own.
    ///
    /// @param ports of the host that lead to it; no two of them clash
    record Own(List<PortMapping> ports) implements NetworkRequest {
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

    /// The host's own network: what the pod listens on is the host's.
    record Host() implements NetworkRequest {}
}
