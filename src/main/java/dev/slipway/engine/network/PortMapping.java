package dev.slipway.engine.network;

/// A port of the host that leads to a port of a pod.
///
/// @param hostAddress the host's address to listen on; [Ipv4#ANY] for all
public record PortMapping(Ipv4 hostAddress, int hostPort, int podPort, Protocol protocol) {
    private static final int LAST_PORT = 65535;

    /// What travels to a port.
    public enum Protocol {
        TCP(6),
        UDP(17);

        private final int number;

        Protocol(int number) {
            this.number = number;
        }

        /// As IP has it.
        int number() {
            return number;
        }
    }

    public PortMapping {
        if (hostPort < 1 || hostPort > LAST_PORT || podPort < 1 || podPort > LAST_PORT) {
            throw new IllegalArgumentException("port is not of 1 to 65535: %d:%d".formatted(hostPort, podPort));
        }
    }

    /// Whether both could not be in force at a time.
    boolean clashesWith(PortMapping other) {
        return hostPort == other.hostPort
                && protocol == other.protocol
                && (hostAddress.equals(other.hostAddress)
                        || hostAddress.equals(Ipv4.ANY)
                        || other.hostAddress.equals(Ipv4.ANY));
    }

    @Override
    public String toString() {
        return "%s %s:%d -> %d".formatted(protocol, hostAddress, hostPort, podPort);
    }
}
