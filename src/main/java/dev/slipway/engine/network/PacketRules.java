package dev.slipway.engine.network;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The engine's table of packet rules, as nft(8) reads it. Pure.
///
/// Mapped ports are elements of two maps, so a pod that comes or goes changes an element and no rule.
///
/// A firewall of the host that drops forwarded packets (a `FORWARD` policy of iptables, for instance) has the last word
/// over what is accepted here: there, `-i <bridge>` and `-o <bridge>` have to be accepted. Two counters, at both
/// ends of forwarding, tell when nothing passes it.
///
/// @spec https://www.netfilter.org/projects/nftables/manpage.html nft(8)
final class PacketRules {
    /// Ports on every address of the host.
    static final String PORTS = "ports";
    /// Ports on one address of the host.
    static final String ADDRESS_PORTS = "address_ports";
    /// Packets that begin connections between pods and other hosts.
    static final String BEGUN = "begun";
    /// Those of them that no firewall has dropped.
    static final String PASSED = "passed";

    private PacketRules() {}

    /// Replaces the table whole, in one transaction: connections that are known go on.
    ///
    /// @param mappings of all pods, by their addresses
    static String render(String bridge, Subnet subnet, Map<Ipv4, List<PortMapping>> mappings) {
        return """
                table ip %1$s {}
                delete table ip %1$s
                table ip %1$s {
                    map ports {
                        type inet_proto . inet_service : ipv4_addr . inet_service
                        %3$s
                    }
                    map address_ports {
                        type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
                        %4$s
                    }
                    # The host answers for its loopback network on the bridge, which mapped ports on 127.0.0.1 need: pods
                    # must not reach it by themselves. Nor do they speak with addresses of others, however little
                    # rp_filter means where the host has it loose for all its interfaces.
                    chain guard {
                        type filter hook prerouting priority raw
                        iifname "%1$s" ip saddr != %2$s drop
                        iifname "%1$s" ip daddr 127.0.0.0/8 drop
                    }
                    chain mapped {
                        meta l4proto { tcp, udp } dnat ip to ip daddr . meta l4proto . th dport map @address_ports
                        meta l4proto { tcp, udp } dnat ip to meta l4proto . th dport map @ports
                    }
                    # What a neighbour sends to 127.0.0.1 would become a pod's before the kernel throws it away.
                    chain incoming {
                        type nat hook prerouting priority dstnat
                        ip daddr != 127.0.0.0/8 fib daddr type local jump mapped
                    }
                    chain outgoing {
                        type nat hook output priority -100
                        fib daddr type local jump mapped
                    }
                    # Pods speak to the outside with the host's address. A pod that reaches another, or itself, through a
                    # port of the host must get the answer by the same way back.
                    chain leaving {
                        type nat hook postrouting priority srcnat
                        ip saddr %2$s oifname != "%1$s" masquerade
                        ip saddr { %2$s, 127.0.0.0/8 } oifname "%1$s" ct status dnat masquerade
                    }
                    counter begun {}
                    counter passed {}
                    chain beginning {
                        type filter hook forward priority -300
                        iifname "%1$s" oifname != "%1$s" ct state new counter name begun
                        oifname "%1$s" iifname != "%1$s" ct state new ct status dnat counter name begun
                    }
                    chain passing {
                        type filter hook postrouting priority 300
                        iifname "%1$s" oifname != "%1$s" ct state new counter name passed
                        oifname "%1$s" iifname != "%1$s" ct state new ct status dnat counter name passed
                    }
                    # From elsewhere only mapped ports of pods can be reached. What connection tracking does not follow is
                    # not translated: it would leave with the pod's address.
                    chain crossing {
                        type filter hook forward priority filter
                        iifname "%1$s" oifname != "%1$s" ct state invalid,untracked drop
                        oifname "%1$s" ct state established,related accept
                        oifname "%1$s" ct status dnat accept
                        oifname "%1$s" iifname != "%1$s" drop
                    }
                }
                """.formatted(bridge, subnet, elements(mappings, false), elements(mappings, true));
    }

    private static String elements(Map<Ipv4, List<PortMapping>> mappings, boolean ofOneAddress) {
        List<String> elements = mappings.entrySet().stream()
                .flatMap(entry -> entry.getValue().stream()
                        .filter(port -> isOfOneAddress(port) == ofOneAddress)
                        .map(port -> element(port, entry.getKey())))
                .sorted()
                .toList();
        return elements.isEmpty() ? "" : elements.stream().collect(Collectors.joining(", ", "elements = { ", " }"));
    }

    private static String element(PortMapping port, Ipv4 pod) {
        String key = "%d . %d".formatted(port.protocol().number(), port.hostPort());
        return "%s : %s . %d"
                .formatted(isOfOneAddress(port) ? port.hostAddress() + " . " + key : key, pod, port.podPort());
    }

    static boolean isOfOneAddress(PortMapping port) {
        return !port.hostAddress().equals(Ipv4.ANY);
    }
}
