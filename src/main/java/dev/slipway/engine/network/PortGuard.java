package dev.slipway.engine.network;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/// Keeps mapped ports for pods: packet rules would take a port from a process of the host without a word, so each port
/// is also bound by this process, which nobody is led to. Thread-safe.
final class PortGuard implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PortGuard.class);

    private final Map<PodUid, Map<PortMapping, NetworkChannel>> held = new HashMap<>();

    /// Makes the ports of a pod those of `wanted`, all or none.
    synchronized void claim(PodUid pod, List<PortMapping> wanted) throws IOException {
        requireFree(pod, wanted);
        Map<PortMapping, NetworkChannel> before = held.getOrDefault(pod, Map.of());
        Map<PortMapping, NetworkChannel> bound = new HashMap<>();
        try {
            for (PortMapping port : wanted) {
                if (!before.containsKey(port)) {
                    bound.put(port, bind(port));
                }
            }
        } catch (IOException e) {
            closeAll(bound);
            throw e;
        }
        Map<PortMapping, NetworkChannel> dropped = new HashMap<>(before);
        wanted.forEach(dropped::remove);
        closeAll(dropped);
        Map<PortMapping, NetworkChannel> now = new HashMap<>(before);
        now.keySet().retainAll(wanted);
        now.putAll(bound);
        held.put(pod, now);
    }

    /// Takes up the ports of a pod that runs already: what somebody has bound meanwhile still leads to the pod, and so
    /// does what is of an address that the host has lost, once that is back.
    synchronized void adopt(PodUid pod, List<PortMapping> ports) throws IOException {
        Map<PortMapping, NetworkChannel> now = new HashMap<>();
        for (PortMapping port : ports) {
            try {
                now.put(port, bind(port));
            } catch (TakenException | BindException e) {
                LOG.warnf("port is mapped to a pod and could not be kept pod=%s: %s", pod, e.getMessage());
            }
        }
        held.put(pod, now);
    }

    synchronized void release(PodUid pod) throws IOException {
        Map<PortMapping, NetworkChannel> ports = held.remove(pod);
        if (ports != null) {
            closeAll(ports);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        for (PodUid pod : List.copyOf(held.keySet())) {
            release(pod);
        }
    }

    private void requireFree(PodUid pod, List<PortMapping> wanted) throws TakenException {
        for (Map.Entry<PodUid, Map<PortMapping, NetworkChannel>> other : held.entrySet()) {
            for (PortMapping port : wanted) {
                if (!other.getKey().equals(pod)
                        && other.getValue().keySet().stream().anyMatch(port::clashesWith)) {
                    throw TakenException.by(other.getKey(), port);
                }
            }
        }
    }

    private static NetworkChannel bind(PortMapping port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(
                InetAddress.getByAddress(port.hostAddress().bytes()), port.hostPort());
        try {
            return bind(port.protocol(), address);
        } catch (BindException e) {
            // What only remains of closed connections does not count: TIME_WAIT lasts a minute.
            try {
                return port.protocol() == PortMapping.Protocol.TCP ? listen(address) : bind(port.protocol(), address);
            } catch (BindException again) {
                if (String.valueOf(again.getMessage()).contains("assign")) {
                    throw new BindException("map host port %s:%d/%s: the host has no such address"
                            .formatted(port.hostAddress(), port.hostPort(), port.protocol()));
                }
                throw TakenException.byProcess(port);
            }
        }
    }

    private static NetworkChannel bind(PortMapping.Protocol protocol, InetSocketAddress address) throws IOException {
        return bound(
                switch (protocol) {
                    case TCP -> SocketChannel.open(StandardProtocolFamily.INET);
                    case UDP -> DatagramChannel.open(StandardProtocolFamily.INET);
                },
                address);
    }

    /// Takes the port with `SO_REUSEADDR`, which a server channel has by itself. Others that have it too, as servers
    /// do, are kept off only by one that listens.
    private static NetworkChannel listen(InetSocketAddress address) throws IOException {
        return bound(ServerSocketChannel.open(StandardProtocolFamily.INET), address);
    }

    private static NetworkChannel bound(NetworkChannel channel, InetSocketAddress address) throws IOException {
        try {
            return channel.bind(address);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static void closeAll(Map<PortMapping, NetworkChannel> channels) throws IOException {
        List<IOException> failures = new ArrayList<>();
        for (NetworkChannel channel : channels.values()) {
            try {
                channel.close();
            } catch (IOException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }
}
