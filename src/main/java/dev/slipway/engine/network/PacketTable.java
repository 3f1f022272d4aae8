package dev.slipway.engine.network;

import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.NetlinkMessage;
import dev.slipway.engine.linux.NetlinkSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// The engine's packet rules as the kernel has them, and what is mapped in them. Thread-safe.
final class PacketTable implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PacketTable.class);
    /// What is sent three times without an answer is no chance any more.
    private static final long TELLING_PACKETS = 3;
    private static final Duration NFT_LIMIT = Duration.ofSeconds(20);

    private final String bridge;
    private final Subnet subnet;
    private final NetlinkSocket netfilter;
    private final NetlinkSocket changes;
    private final DatagramFlows flows;
    private final Map<Ipv4, List<PortMapping>> mappings = new HashMap<>();
    private Set<PacketElements.Rule> rules = Set.of();
    private Map<String, Long> counted = Map.of();
    private boolean isBlocked;

    PacketTable(NetlinkSocket route, String bridge, Subnet subnet) throws IOException {
        this.bridge = bridge;
        this.subnet = subnet;
        this.netfilter = NetlinkSocket.netfilter();
        this.changes = NetlinkSocket.netfilterChanges();
        this.flows = new DatagramFlows(netfilter, route);
    }

    /// Hears of changes of packet rules, also of those of others.
    NetlinkSocket changes() {
        return changes;
    }

    /// Replaces the table, be it there or not, by one with these mappings.
    synchronized void install(Map<Ipv4, List<PortMapping>> all) throws IOException {
        mappings.clear();
        mappings.putAll(all);
        install();
    }

    /// Makes the ports that lead to a pod those of `ports`.
    synchronized void map(Ipv4 pod, List<PortMapping> ports) throws IOException {
        List<PortMapping> before = mappings.getOrDefault(pod, List.of());
        List<PortMapping> gone =
                before.stream().filter(port -> !ports.contains(port)).toList();
        List<PortMapping> added =
                ports.stream().filter(port -> !before.contains(port)).toList();
        note(pod, ports);
        try {
            for (List<NetlinkMessage> batch : PacketElements.remove(bridge, gone)) {
                netfilter.exchange(batch);
            }
            for (List<NetlinkMessage> batch : PacketElements.add(bridge, pod, added)) {
                netfilter.exchange(batch);
            }
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) {
                note(pod, before);
                install();
                throw e;
            }
            // Somebody has removed the table, or elements of it.
            install();
        }
        turn(gone, added, pod);
    }

    private void note(Ipv4 pod, List<PortMapping> ports) {
        if (ports.isEmpty()) {
            mappings.remove(pod);
        } else {
            mappings.put(pod, List.copyOf(ports));
        }
    }

    /// Puts the table back if somebody else has changed it.
    ///
    /// @return whether that was so
    synchronized boolean repair() throws IOException {
        if (!changes.drain() || isWhole()) {
            return false;
        }
        install();
        return true;
    }

    /// Whether another firewall of the host drops all that is forwarded from and to pods, as far as anything was since
    /// the last call: while nothing is, the answer stays.
    synchronized boolean isBlocked() throws IOException {
        Map<String, Long> now = PacketElements.counters(netfilter.exchange(PacketElements.counters(bridge)));
        if (since(now, PacketRules.PASSED) > 0) {
            isBlocked = false;
            counted = now;
        } else if (since(now, PacketRules.BEGUN) >= TELLING_PACKETS) {
            isBlocked = true;
            counted = now;
        }
        return isBlocked;
    }

    /// Anybody may set a counter back.
    private long since(Map<String, Long> now, String counter) {
        long value = now.getOrDefault(counter, 0L);
        long before = counted.getOrDefault(counter, 0L);
        return value < before ? value : value - before;
    }

    synchronized void remove() throws IOException {
        try {
            netfilter.exchange(PacketElements.removeTable(bridge));
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        netfilter.close();
        changes.close();
    }

    private void install() throws IOException {
        nft(PacketRules.render(bridge, subnet, mappings));
        counted = Map.of();
        rules = PacketElements.rules(netfilter.exchange(PacketElements.rules(bridge)));
        mappings.forEach((pod, ports) -> turn(List.of(), ports, pod));
    }

    /// Without connection tracking to speak with, pods are reached all the same.
    private void turn(List<PortMapping> gone, List<PortMapping> added, Ipv4 pod) {
        try {
            if (gone.stream().anyMatch(port -> port.protocol() == PortMapping.Protocol.UDP)) {
                flows.forget(pod);
            }
            flows.lead(added, pod);
        } catch (IOException e) {
            LOG.warnf("datagrams of some senders may still be led elsewhere pod=%s reason=%s", pod, e.getMessage());
        }
    }

    private boolean isWhole() throws IOException {
        Set<PacketElements.Element> wanted = new HashSet<>();
        mappings.forEach((pod, ports) -> ports.forEach(port -> wanted.add(PacketElements.Element.of(port, pod))));
        try {
            Set<PacketElements.Element> there = new HashSet<>(elements(PacketRules.PORTS));
            there.addAll(elements(PacketRules.ADDRESS_PORTS));
            return there.equals(wanted)
                    && rules.equals(PacketElements.rules(netfilter.exchange(PacketElements.rules(bridge))));
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            return false;
        }
    }

    private Set<PacketElements.Element> elements(String map) throws IOException {
        return PacketElements.elements(netfilter.exchange(PacketElements.elements(bridge, map)));
    }

    private static void nft(String script) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder("nft", "-f", "-")
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new IOException("run nft: not found; install the package nftables", e);
        }
        try (OutputStream in = process.getOutputStream()) {
            in.write(script.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (!process.waitFor(NFT_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("install packet rules: nft did not end within " + NFT_LIMIT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("install packet rules: interrupted", e);
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new IOException("install packet rules: " + output);
        }
    }
}
