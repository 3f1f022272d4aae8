package dev.slipway.engine.network;

import static dev.slipway.engine.network.NetworkLab.HOST;
import static dev.slipway.engine.network.NetworkLab.OUTSIDE;
import static dev.slipway.engine.network.NetworkLab.ask;
import static dev.slipway.engine.network.NetworkLab.in;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Ports of the host that lead to pods, on a host made of namespaces.
class PortMappingKernelTest {
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
    void a_mapped_port_is_reached_from_everywhere() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE, tcp("0.0.0.0", 18080, 80));
        NetworkAttachment.Own two = lab.attach(TWO);
        in(one, () -> lab.serve("one", 80));

        assertEquals("one to " + one.gateway(), lab.onHost(() -> ask("127.0.0.1", 18080)));
        assertEquals("one to " + HOST, lab.onHost(() -> ask(HOST, 18080)));
        assertEquals("one to " + OUTSIDE, in(lab.outside(), () -> ask(HOST, 18080)));
        assertEquals("one to " + one.gateway(), in(two, () -> ask(HOST, 18080)));
        assertEquals("one to " + one.gateway(), in(two, () -> ask(one.gateway().toString(), 18080)));
        assertEquals("one to " + one.gateway(), in(one, () -> ask(HOST, 18080)), "the pod itself");
    }

    @Test
    void a_datagram_port_is_mapped_too() throws IOException {
        NetworkAttachment.Own one = lab.attach(
                ONE, new PortMapping(Ipv4.ANY, 15353, 53, PortMapping.Protocol.UDP), tcp("0.0.0.0", 15353, 54));
        in(one, () -> lab.serveDatagrams("datagrams", 53));
        in(one, () -> lab.serve("stream", 54));

        assertEquals("datagrams", lab.onHost(() -> NetworkLab.askDatagram("127.0.0.1", 15353)));
        assertEquals("datagrams", in(lab.outside(), () -> NetworkLab.askDatagram(HOST, 15353)));
        assertEquals("stream to " + OUTSIDE, in(lab.outside(), () -> ask(HOST, 15353)));
    }

    @Test
    void who_sends_from_one_port_all_the_time_follows_a_datagram_port_to_its_next_pod() throws IOException {
        PortMapping port = new PortMapping(Ipv4.ANY, 15353, 53, PortMapping.Protocol.UDP);
        PortMapping local = new PortMapping(Ipv4.parse("127.0.0.1"), 15354, 53, PortMapping.Protocol.UDP);
        try (DatagramSocket outside = in(lab.outside(), () -> new DatagramSocket());
                DatagramSocket host = lab.onHost(() -> new DatagramSocket())) {
            assertThrows(IOException.class, () -> NetworkLab.askDatagram(outside, HOST, 15353, 200), "nobody yet");
            assertThrows(IOException.class, () -> NetworkLab.askDatagram(host, "127.0.0.1", 15354, 200));
            NetworkAttachment.Own one = lab.attach(ONE, port, local);
            in(one, () -> lab.serveDatagrams("one", 53));

            assertEquals("one", NetworkLab.askDatagram(outside, HOST, 15353, 3000));
            assertEquals("one", NetworkLab.askDatagram(host, "127.0.0.1", 15354, 3000));

            lab.onHost(() -> {
                lab.networks().detach(ONE);
                return "";
            });
            NetworkAttachment.Own two = lab.attach(TWO, port, local);
            in(two, () -> lab.serveDatagrams("two", 53));
            assertEquals("two", NetworkLab.askDatagram(outside, HOST, 15353, 3000));
            assertEquals("two", NetworkLab.askDatagram(host, "127.0.0.1", 15354, 3000));
        }
    }

    @Test
    void datagrams_to_others_go_on_while_a_port_of_that_number_is_mapped() throws IOException {
        in(lab.outside(), () -> lab.serveDatagrams("outside", 15353));
        NetworkAttachment.Own one = lab.attach(ONE);
        try (DatagramSocket pod = in(one, () -> new DatagramSocket())) {
            assertEquals("outside", NetworkLab.askDatagram(pod, OUTSIDE, 15353, 3000));

            lab.attach(TWO, new PortMapping(Ipv4.ANY, 15353, 53, PortMapping.Protocol.UDP));

            assertEquals("outside", NetworkLab.askDatagram(pod, OUTSIDE, 15353, 3000));
            assertEquals("1\n", lab.shell("grep -c 'dst=192.0.2.9 .*dport=15353' /proc/net/nf_conntrack"));
        }
    }

    @Test
    void a_port_mapped_on_one_address_is_not_reached_on_others() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE, tcp("127.0.0.1", 18080, 80));
        in(one, () -> lab.serve("one", 80));

        assertEquals("one to " + one.gateway(), lab.onHost(() -> ask("127.0.0.1", 18080)));
        assertEquals("", in(lab.outside(), () -> ask(HOST, 18080)));
    }

    @Test
    @DisplayName("S40 a neighbour does not reach a port of the host's loopback by a route of its own")
    void a_neighbour_does_not_reach_a_port_of_the_loopback() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE, tcp("127.0.0.1", 18080, 80), tcp("0.0.0.0", 18081, 80));
        in(one, () -> lab.serve("one", 80));
        in(
                lab.outside(),
                () -> NetworkLab.run("sysctl -qw net.ipv4.conf.all.route_localnet=1 && ip addr del 127.0.0.1/8 dev lo"
                        + " && ip route add 127.0.0.1/32 via " + HOST + " src " + OUTSIDE));

        assertEquals("", in(lab.outside(), () -> ask("127.0.0.1", 18080)));
        assertEquals("", in(lab.outside(), () -> ask("127.0.0.1", 18081)));
        assertEquals("one to " + OUTSIDE, in(lab.outside(), () -> ask(HOST, 18081)));
    }

    @Test
    void a_port_that_is_taken_is_refused_and_nothing_is_left() throws IOException {
        lab.attach(ONE, tcp("0.0.0.0", 18080, 80));
        List<String> before = lab.traces();

        TakenException byPod = assertThrows(TakenException.class, () -> lab.attach(TWO, tcp("192.0.2.1", 18080, 80)));
        try (ServerSocket held = lab.onHost(() -> new ServerSocket(18099))) {
            TakenException byProcess =
                    assertThrows(TakenException.class, () -> lab.attach(TWO, tcp("0.0.0.0", held.getLocalPort(), 80)));
            assertEquals(
                    "map host port 0.0.0.0:18099/TCP: already in use by a process of the host", byProcess.getMessage());
        }

        assertEquals("map host port 192.0.2.1:18080/TCP: already in use by pod one", byPod.getMessage());
        assertEquals(before, lab.traces());
        lab.attach(TWO, tcp("0.0.0.0", 18099, 80));
    }

    @Test
    void a_process_of_the_host_cannot_take_a_mapped_port() throws IOException {
        lab.attach(ONE, tcp("0.0.0.0", 18080, 80));

        assertThrows(IOException.class, () -> lab.onHost(() -> new ServerSocket(18080)));
    }

    @Test
    void a_pod_has_thousands_of_ports_and_leaves_none() throws IOException {
        List<PortMapping> ports = new ArrayList<>();
        for (int port = 20000; port < 21000; port++) {
            ports.add(tcp("0.0.0.0", port, 80));
            ports.add(tcp("127.0.0.1", port + 1000, 80));
            ports.add(new PortMapping(Ipv4.ANY, port, 53, PortMapping.Protocol.UDP));
        }
        NetworkAttachment.Own one = lab.attach(ONE, ports.toArray(PortMapping[]::new));
        in(one, () -> lab.serve("one", 80));
        in(one, () -> lab.serveDatagrams("datagrams", 53));

        assertEquals(3000, lab.onHost(() -> MappedPortCount.of(NetworkLab.BRIDGE)));
        assertEquals("one to " + OUTSIDE, in(lab.outside(), () -> ask(HOST, 20999)));
        assertEquals("one to " + one.gateway(), lab.onHost(() -> ask("127.0.0.1", 21999)));
        assertEquals("datagrams", in(lab.outside(), () -> NetworkLab.askDatagram(HOST, 20999)));
        assertEquals(List.of(), lab.onHost(lab.networks()::verify));

        lab.onHost(() -> {
            lab.networks().detach(ONE);
            return "";
        });
        assertEquals(0, lab.onHost(() -> MappedPortCount.of(NetworkLab.BRIDGE)));
    }

    @Test
    void a_port_that_the_kernel_refuses_leaves_no_other_mapped() throws IOException {
        lab.shell("nft 'add element ip labbr0 address_ports { 192.0.2.1 . tcp . 18081 : 10.88.9.9 . 1 }'");

        assertThrows(IOException.class, () -> lab.attach(ONE, tcp("0.0.0.0", 18080, 80), tcp("192.0.2.1", 18081, 80)));

        assertEquals(0, lab.onHost(() -> MappedPortCount.of(NetworkLab.BRIDGE)));
        lab.attach(TWO, tcp("0.0.0.0", 18080, 80), tcp("192.0.2.1", 18081, 80));
    }

    @Test
    void a_process_of_the_host_cannot_take_a_mapped_port_that_closed_connections_remain_of() throws IOException {
        leaveClosedConnection(18080);
        lab.attach(ONE, tcp("0.0.0.0", 18080, 80));

        assertThrows(IOException.class, () -> lab.onHost(() -> new ServerSocket(18080)));
    }

    /// Who closes first remembers the connection for a minute.
    private void leaveClosedConnection(int port) throws IOException {
        lab.onHost(() -> {
            try (ServerSocket server = new ServerSocket(port);
                    Socket caller = new Socket("127.0.0.1", port)) {
                server.accept().close();
                assertEquals(-1, caller.getInputStream().read());
            }
            return "";
        });
    }

    private static PortMapping tcp(String address, int hostPort, int podPort) {
        return new PortMapping(Ipv4.parse(address), hostPort, podPort, PortMapping.Protocol.TCP);
    }
}
