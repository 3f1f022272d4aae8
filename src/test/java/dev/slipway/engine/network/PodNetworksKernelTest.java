package dev.slipway.engine.network;

import static dev.slipway.engine.network.NetworkLab.HOST;
import static dev.slipway.engine.network.NetworkLab.OUTSIDE;
import static dev.slipway.engine.network.NetworkLab.ask;
import static dev.slipway.engine.network.NetworkLab.in;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.NetlinkMessage;
import dev.slipway.engine.linux.NetlinkSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Pod networks in the kernel, on a host made of namespaces.
class PodNetworksKernelTest {
    private static final PodUid ONE = new PodUid("one");
    private static final PodUid TWO = new PodUid("two");

    private NetworkLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = NetworkLab.open();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    @DisplayName("S36 a pod has an interface, an address, a route and a loopback of its own")
    void a_pod_has_an_interface_of_its_own() throws Exception {
        NetworkAttachment.Own pod = lab.attach(ONE);

        // The kernel calls an interface up a moment after it is.
        awaitEquals(true, () -> in(pod, () -> NetworkLab.run("ip -br link show eth0"))
                .contains(" UP "));
        String links = in(pod, () -> NetworkLab.run("ip -br addr"));
        String routes = in(pod, () -> NetworkLab.run("ip route"));

        assertTrue(
                links.matches("(?s)lo +UNKNOWN +127.0.0.1/8.*\\neth0@if\\d+ +UP +" + pod.address() + "/16 *\\n"),
                links);
        assertEquals(
                "default via %s dev eth0 \n10.88.0.0/16 dev eth0 proto kernel scope link src %s \n"
                        .formatted(pod.gateway(), pod.address()),
                routes);
        assertEquals(
                "1400\n", in(pod, () -> NetworkLab.run("ip -o link show eth0 | sed 's/.*mtu \\([0-9]*\\).*/\\1/'")));
    }

    @Test
    @DisplayName("S02 S03 two pods use the same port, and reach each other over the bridge")
    void two_pods_use_the_same_port() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE);
        NetworkAttachment.Own two = lab.attach(TWO);
        in(one, () -> lab.serve("one", 8080));
        in(two, () -> lab.serve("two", 8080));

        assertEquals("one to 127.0.0.1", in(one, () -> ask("127.0.0.1", 8080)));
        assertEquals("two to 127.0.0.1", in(two, () -> ask("127.0.0.1", 8080)));
        assertEquals("two to " + one.address(), in(one, () -> ask(two.address().toString(), 8080)));
        assertEquals("one to " + two.address(), in(two, () -> ask(one.address().toString(), 8080)));
        assertEquals(
                "one to " + one.gateway(), lab.onHost(() -> ask(one.address().toString(), 8080)));
    }

    @Test
    @DisplayName("S40 a pod cannot speak with an address of others, also on a host whose rp_filter is loose")
    void a_pod_cannot_speak_with_an_address_of_others() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE);
        lab.shell("sysctl -qw net.ipv4.conf.all.rp_filter=2");
        String foreign = "203.0.113.7";
        in(one, () -> NetworkLab.run("ip addr add 203.0.113.7/32 dev eth0"));
        try (DatagramSocket outside = in(lab.outside(), () -> new DatagramSocket(9, InetAddress.getByName(OUTSIDE)))) {
            outside.setSoTimeout(500);

            in(one, () -> NetworkLab.tell(one.address().toString(), OUTSIDE, 9));
            DatagramPacket heard = new DatagramPacket(new byte[16], 16);
            outside.receive(heard);
            assertEquals(HOST, heard.getAddress().getHostAddress());

            in(one, () -> NetworkLab.tell(foreign, OUTSIDE, 9));
            assertThrows(SocketTimeoutException.class, () -> outside.receive(heard));
        }
    }

    @Test
    @DisplayName("S40 what connection tracking does not follow leaves no host with a pod's address")
    void what_cannot_be_translated_does_not_leave() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE);
        in(lab.outside(), () -> lab.serve("outside", 80));
        in(lab.outside(), () -> NetworkLab.run("""
                nft 'table ip watch {
                    counter untranslated {}
                    chain heard {
                        type filter hook prerouting priority raw
                        ip saddr 10.0.0.0/8 counter name untranslated
                    }
                }'"""));

        // A connection that is cut off ends with a reset, which belongs to none that the host knows of.
        try (Socket connection = in(one, () -> new Socket(OUTSIDE, 80))) {
            connection.getInputStream().readAllBytes();
            forgetFlows();
            connection.setSoLinger(true, 0);
        }
        lab.shell("nft add table ip bare && nft 'add chain ip bare c { type filter hook prerouting priority -301; }'"
                + " && nft 'add rule ip bare c udp dport 9 notrack'");
        in(one, () -> NetworkLab.tell(one.address().toString(), OUTSIDE, 9));

        assertEquals("outside to " + HOST, in(one, () -> ask(OUTSIDE, 80)), "what comes later has come");
        String heard = in(lab.outside(), () -> NetworkLab.run("nft list counter ip watch untranslated"));
        assertTrue(heard.contains("packets 0 "), heard);
    }

    private void forgetFlows() throws IOException {
        lab.onHost(() -> {
            try (NetlinkSocket netfilter = NetlinkSocket.netfilter()) {
                int deleteOfConnectionTracking = 1 << 8 | 2;
                return netfilter.exchange(
                        new NetlinkMessage(deleteOfConnectionTracking, NetlinkMessage.ACK, "forget all flows")
                                .u8(2)
                                .u8(0)
                                .u16NetworkOrder(0));
            }
        });
    }

    @Test
    void a_pod_reaches_the_outside_with_the_hosts_address() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE);
        in(lab.outside(), () -> lab.serve("outside", 80));

        assertEquals("outside to " + HOST, in(one, () -> ask(OUTSIDE, 80)));
    }

    @Test
    void the_outside_reaches_no_port_that_is_not_mapped() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE);
        in(one, () -> lab.serve("one", 80));

        assertEquals("", in(lab.outside(), () -> ask(one.address().toString(), 80)));
    }

    @Test
    @DisplayName("S40 a pod reaches nothing that listens on the host's loopback")
    void a_pod_does_not_reach_the_hosts_loopback() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE);
        lab.onHost(() -> lab.serve("host", 9));
        in(
                one,
                () -> NetworkLab.run("sysctl -qw net.ipv4.conf.all.route_localnet=1 && ip addr del 127.0.0.1/8 dev lo"
                        + " && ip route add 127.0.0.1/32 via " + one.gateway() + " src " + one.address()));

        assertEquals("", in(one, () -> ask("127.0.0.1", 9)));
        assertEquals("host to " + one.address(), in(one, () -> ask(one.gateway().toString(), 9)));
    }

    @Test
    void a_firewall_that_drops_what_is_forwarded_is_noticed() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE, new PortMapping(Ipv4.ANY, 15353, 53, PortMapping.Protocol.UDP));
        assertFalse(lab.onHost(lab.networks()::isBlocked), "nothing has been sent");
        String own = one.address().toString();
        String drop =
                "nft add table ip other && nft 'add chain ip other c { type filter hook forward priority 0; policy drop; }'";
        lab.shell(drop);

        assertTrue(isBlockedAfter(() -> in(one, () -> NetworkLab.tell(own, OUTSIDE, 9))), "a pod to the outside");
        lab.shell("nft 'add rule ip other c oifname uplink accept'");
        assertFalse(isBlockedAfter(() -> in(one, () -> NetworkLab.tell(own, OUTSIDE, 9))));
        assertTrue(
                isBlockedAfter(() -> in(lab.outside(), () -> NetworkLab.tell(OUTSIDE, HOST, 15353))),
                "the outside to a mapped port");
        lab.shell("nft delete table ip other");
        assertTrue(lab.onHost(lab.networks()::isBlocked), "nothing has been sent since");
        assertFalse(isBlockedAfter(() -> in(lab.outside(), () -> NetworkLab.tell(OUTSIDE, HOST, 15353))));
        lab.shell(drop + " && nft reset counters");
        assertTrue(
                isBlockedAfter(() -> in(one, () -> NetworkLab.tell(own, OUTSIDE, 9))), "after counters were set back");
    }

    private boolean isBlockedAfter(Callable<String> sending) throws IOException {
        try {
            for (int i = 0; i < 3; i++) {
                sending.call();
            }
        } catch (Exception e) {
            throw new IOException(e);
        }
        return lab.onHost(lab.networks()::isBlocked);
    }

    @Test
    @DisplayName("S32 a pod that is detached leaves no interface, namespace, rule or file")
    void a_detached_pod_leaves_nothing() throws Exception {
        List<String> before = lab.traces();
        lab.attach(ONE, tcp("0.0.0.0", 18080, 80), tcp("127.0.0.1", 18081, 80));

        lab.onHost(() -> {
            lab.networks().detach(ONE);
            return "";
        });

        lab.runBackground();
        awaitEquals(before, lab::traces);
        assertTrue(lab.networks().find(ONE).isEmpty());
        lab.onHost(() -> {
            lab.networks().detach(ONE);
            return "twice is as once";
        });
    }

    @Test
    void a_pod_keeps_its_network_over_a_restart_of_the_engine() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE, tcp("0.0.0.0", 18080, 80));
        lab.attach(TWO, tcp("0.0.0.0", 18081, 80));
        in(one, () -> lab.serve("one", 80));

        lab.restart();
        Set<PodUid> found = lab.onHost(() -> lab.networks().recover(Set.of(ONE)));

        assertEquals(Set.of(ONE), found);
        assertEquals(one, lab.attach(ONE, tcp("0.0.0.0", 18080, 80)));
        assertEquals("one to " + OUTSIDE, in(lab.outside(), () -> ask(HOST, 18080)));
        assertEquals("", in(lab.outside(), () -> ask(HOST, 18081)), "the port of the pod that is gone");
        assertFalse(Files.exists(lab.directory().resolve("two")));
        assertFalse(lab.attach(new PodUid("three")).address().equals(one.address()));
    }

    @Test
    void an_engine_starts_when_its_host_has_lost_the_address_of_a_port() throws IOException {
        String address = "192.0.2.7/24 dev uplink";
        lab.shell("ip address add " + address);
        NetworkAttachment.Own one = lab.attach(ONE, tcp("192.0.2.7", 18080, 80));
        in(one, () -> lab.serve("one", 80));
        lab.shell("ip address delete " + address);

        lab.restart();
        lab.onHost(() -> lab.networks().recover(Set.of(ONE)));

        lab.shell("ip address add " + address);
        assertEquals("one to " + OUTSIDE, in(lab.outside(), () -> ask("192.0.2.7", 18080)));
        assertEquals(one, lab.attach(ONE, tcp("192.0.2.7", 18080, 80)));
    }

    @Test
    void engines_that_start_at_the_same_moment_have_a_subnet_each() throws Exception {
        int engines = 4;
        try (ExecutorService starters = Executors.newFixedThreadPool(engines)) {
            for (int round = 0; round < 10; round++) {
                CyclicBarrier moment = new CyclicBarrier(engines);
                List<Callable<Subnet>> starts = IntStream.range(0, engines)
                        .mapToObj("labbr1%d"::formatted)
                        .<Callable<Subnet>>map(name -> () -> lab.onHost(() -> makeBridge(name, moment)))
                        .toList();
                Set<Subnet> subnets = new HashSet<>();
                for (Future<Subnet> start : starters.invokeAll(starts)) {
                    subnets.add(start.get());
                }
                assertEquals(engines, subnets.size(), subnets::toString);
                lab.shell("for i in 0 1 2 3; do ip link delete labbr1$i; done");
            }
        }
    }

    private static Subnet makeBridge(String name, CyclicBarrier moment) throws Exception {
        try (NetlinkSocket route = NetlinkSocket.route()) {
            moment.await(20, TimeUnit.SECONDS);
            return Bridge.ensure(route, name, Optional.empty(), Optional.empty())
                    .subnet();
        }
    }

    @Test
    void attaching_again_changes_the_ports_only() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE, tcp("0.0.0.0", 18080, 80));
        in(one, () -> lab.serve("one", 80));

        assertEquals(one, lab.attach(ONE, tcp("0.0.0.0", 18090, 80)));

        assertEquals("", in(lab.outside(), () -> ask(HOST, 18080)));
        assertEquals("one to " + OUTSIDE, in(lab.outside(), () -> ask(HOST, 18090)));
    }

    @Test
    void host_network_has_the_hosts_address() throws IOException {
        NetworkAttachment attachment = lab.onHost(() -> lab.networks().attach(ONE, new NetworkRequest.Host()));

        assertEquals(new NetworkAttachment.Host(Ipv4.parse(HOST)), attachment);
        assertFalse(Files.exists(lab.directory().resolve("one")));
    }

    @Test
    void pods_that_come_at_once_get_different_addresses() throws IOException, InterruptedException {
        Set<Ipv4> addresses = ConcurrentHashMap.newKeySet();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            PodUid pod = new PodUid("pod" + i);
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    addresses.add(lab.attach(pod).address());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertEquals(8, addresses.size());
    }

    @Test
    void how_long_attaching_takes() throws IOException {
        List<Long> attach = new ArrayList<>();
        List<Long> detach = new ArrayList<>();
        lab.onHost(() -> {
            for (int i = 0; i < 40; i++) {
                PodUid pod = new PodUid("pod" + i);
                List<PortMapping> ports = i % 2 == 0 ? List.of() : List.of(tcp("0.0.0.0", 20000 + i, 80));
                long start = System.nanoTime();
                lab.networks().attach(pod, new NetworkRequest.Own(ports));
                long attached = System.nanoTime();
                lab.networks().detach(pod);
                attach.add((attached - start) / 1000);
                detach.add((System.nanoTime() - attached) / 1000);
                lab.runBackground();
            }
            return "";
        });
        System.out.printf("attach, us: %s%ndetach, us: %s%n", sorted(attach), sorted(detach));
        assertEquals(40, attach.size());
    }

    /// The kernel removes a namespace and its interfaces in its own time.
    private static <T> void awaitEquals(T expected, Callable<T> actual) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!expected.equals(actual.call()) && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(5_000_000);
        }
        assertEquals(expected, actual.call());
    }

    private static List<Long> sorted(List<Long> times) {
        return times.stream().sorted().toList();
    }

    private static PortMapping tcp(String address, int hostPort, int podPort) {
        return new PortMapping(Ipv4.parse(address), hostPort, podPort, PortMapping.Protocol.TCP);
    }
}
