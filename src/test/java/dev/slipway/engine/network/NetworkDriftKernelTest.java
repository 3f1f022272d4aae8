package dev.slipway.engine.network;

import static dev.slipway.engine.network.NetworkLab.HOST;
import static dev.slipway.engine.network.NetworkLab.OUTSIDE;
import static dev.slipway.engine.network.NetworkLab.ask;
import static dev.slipway.engine.network.NetworkLab.in;
import static dev.slipway.engine.network.NetworkLab.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.RecoveryTimes;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.NetlinkSocket;
import dev.slipway.engine.linux.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What somebody else changes in the network of pods is put back.
class NetworkDriftKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final String REPLACE_INTERFACE =
            "ip link delete eth0 && ip link add eth0 type veth peer name eth1 && echo replaced";
    private static final PortMapping PORT = new PortMapping(Ipv4.ANY, 18080, 80, PortMapping.Protocol.TCP);
    private static final RecoveryTimes TIMES = new RecoveryTimes();

    private NetworkLab lab;
    private NetworkAttachment.Own pod;

    @BeforeEach
    void open() throws IOException {
        lab = NetworkLab.open();
        pod = lab.attach(POD, PORT);
        in(pod, () -> lab.serve("pod", 80));
        lab.runBackground();
        verify();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @AfterAll
    static void print() {
        TIMES.print();
    }

    @Test
    void nothing_is_done_while_nobody_changes_anything() throws IOException {
        String rules = lab.shell("nft -a list ruleset");

        assertEquals(List.of(), verify());

        assertEquals(rules, lab.shell("nft -a list ruleset"));
        assertReached();
    }

    @Test
    void flushed_rules_come_back() throws IOException {
        lab.shell("nft flush ruleset");

        assertEquals(List.of("packet rules were changed"), verify());

        assertReached();
        assertEquals(List.of(), verify());
    }

    @Test
    void one_rule_and_one_element_come_back() throws IOException {
        lab.shell("nft flush chain ip labbr0 leaving");
        assertEquals(List.of("packet rules were changed"), verify());
        lab.shell("nft flush map ip labbr0 ports");
        assertEquals(List.of("packet rules were changed"), verify());

        assertReached();
    }

    @Test
    void rules_of_others_are_no_change() throws IOException {
        lab.shell("nft add table ip other && nft 'add chain ip other c { type filter hook input priority 0; }'");

        assertEquals(List.of(), verify());

        assertTrue(lab.shell("nft list tables").contains("table ip other"));
    }

    @Test
    void networks_of_others_are_no_change_and_ours_are() throws IOException {
        String ours = lab.shell("ip -o link show master labbr0 | grep -o 'veth[0-9a-f]*' | head -1")
                .strip();

        assertFalse(changes("ip link add theirs type bridge && ip link set theirs up"
                + " && ip addr add 192.0.2.65/28 dev theirs && ip link add port type veth peer name inner"
                + " && ip link set port master theirs && ip link delete port && ip link delete theirs"));
        assertTrue(changes("ip link set labbr0 down"));
        assertTrue(changes("ip addr flush dev labbr0"));
        assertTrue(changes("ip link set " + ours + " down"));
        assertTrue(changes("ip link set " + ours + " nomaster"));
        assertTrue(changes("ip link set " + ours + " master labbr0"));
        assertTrue(changes("ip link delete " + ours));
        assertTrue(changes("sysctl -qw net.ipv4.ip_forward=0"));
        assertTrue(changes("sysctl -qw net.ipv4.conf.labbr0.rp_filter=0"));
        assertTrue(changes("ip link delete labbr0"));
    }

    @Test
    void a_removed_interface_comes_back_with_its_address() throws IOException {
        lab.shell("ip link delete $(ip -o link show master labbr0 | grep -o 'veth[0-9a-f]*' | head -1);"
                + " for v in $(ip -o link show master labbr0 | grep -o 'veth[0-9a-f]*'); do ip link delete $v; done");

        List<String> wrong = verify();

        assertTrue(wrong.getFirst().matches("interface veth[0-9a-f]{8} of pod pod was removed"), wrong.toString());
        assertReached();
        assertEquals(List.of(), verify());
    }

    @Test
    void a_removed_bridge_comes_back_with_its_pods() throws IOException {
        lab.shell("ip link delete labbr0");

        List<String> wrong = verify();
        lab.runBackground();

        assertEquals("bridge labbr0 was changed", wrong.getFirst());
        assertReached();
        verify();
        assertEquals(List.of(), verify());
    }

    @Test
    void a_namespace_that_was_prepared_joins_the_bridge_that_came_back() throws IOException {
        Path pin = lab.directory().resolve("prepared");
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            namespace.pin(pin);
            lab.onHost(() -> {
                lab.networks().prepare(pin);
                return "";
            });
            lab.shell("ip link delete labbr0");
            verify();
            lab.runBackground();

            NetworkAttachment.Own other = lab.onHost(() -> (NetworkAttachment.Own) lab.networks()
                    .attach(
                            new PodUid("other"),
                            new NetworkRequest.Own(List.of(), Optional.empty(), Optional.of(pin))));

            in(other, () -> lab.serve("other", 80));
            assertEquals(
                    "other to " + other.gateway(),
                    lab.onHost(() -> ask(other.address().toString(), 80)));
        } finally {
            NetworkNamespace.unpin(pin);
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void a_container_that_changes_its_own_interface_harms_nobody_else() throws IOException {
        NetworkAttachment.Own other =
                lab.attach(new PodUid("other"), new PortMapping(Ipv4.ANY, 18090, 80, PortMapping.Protocol.TCP));
        in(other, () -> lab.serve("other", 80));
        in(pod, () -> run(REPLACE_INTERFACE));
        in(other, () -> run("ip link delete eth0 && echo gone"));

        List<String> wrong = verify();

        assertTrue(
                wrong.stream().anyMatch(each -> each.startsWith("network of pod pod is beyond repair: ")),
                wrong.toString());
        assertEquals("other to " + OUTSIDE, in(lab.outside(), () -> ask(HOST, 18090)));
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void a_prepared_namespace_with_another_interface_is_refused() throws IOException {
        Path pin = lab.directory().resolve("prepared");
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            namespace.pin(pin);
            lab.onHost(() -> {
                lab.networks().prepare(pin);
                return "";
            });
            in(namespace, () -> run(REPLACE_INTERFACE));
            verify();

            IOException refused = assertThrows(
                    IOException.class,
                    () -> lab.onHost(() -> lab.networks()
                            .attach(
                                    new PodUid("other"),
                                    new NetworkRequest.Own(List.of(), Optional.empty(), Optional.of(pin)))));

            assertTrue(refused.getMessage().contains("file exists"), refused.getMessage());
            assertReached();
        } finally {
            NetworkNamespace.unpin(pin);
        }
    }

    @Test
    void forwarding_that_was_switched_off_comes_back() throws IOException {
        lab.shell("sysctl -qw net.ipv4.ip_forward=0");

        assertEquals(List.of("kernel parameters were changed"), verify());

        assertReached();
    }

    @Test
    void a_pod_attached_while_rules_are_gone_brings_them_back() throws IOException {
        lab.shell("nft flush ruleset");

        NetworkAttachment.Own other =
                lab.attach(new PodUid("other"), new PortMapping(Ipv4.ANY, 18090, 80, PortMapping.Protocol.TCP));
        in(other, () -> lab.serve("other", 80));

        assertReached();
        assertEquals("other to " + OUTSIDE, in(lab.outside(), () -> ask(HOST, 18090)));
    }

    @Test
    void what_leaves_an_interface_on_the_bridge_and_up_is_kept() throws IOException {
        String ours = lab.shell("ip -o link show master labbr0 | grep -o 'veth[0-9a-f]*' | head -1")
                .strip();

        assertTrue(keeps("bridge link set dev " + ours + " hairpin off"));
        assertFalse(keeps("ip link set " + ours + " down"));
        assertTrue(keeps("ip link set " + ours + " up"));
        assertFalse(keeps("ip link set " + ours + " nomaster"));
        assertFalse(keeps("ip link delete " + ours));
    }

    /// Whether all that the kernel tells of a shell line is that an interface is on the bridge, and up.
    private boolean keeps(String line) throws IOException {
        return lab.onHost(() -> {
            try (NetlinkSocket route = NetlinkSocket.route();
                    NetlinkSocket changes = NetlinkSocket.routeChanges()) {
                Bridge bridge = Bridge.ensure(route, NetworkLab.BRIDGE, Optional.empty(), Optional.empty());
                changes.drain();
                run(line);
                List<Links.Change> told = new ArrayList<>();
                changes.drain(each -> told.add(Links.Change.of(each)));
                return told.stream()
                        .filter(each -> each.name().startsWith("veth"))
                        .allMatch(bridge::keeps);
            }
        });
    }

    /// Whether what a shell line changes is one of the bridge or of what is on it.
    private boolean changes(String line) throws IOException {
        return lab.onHost(() -> {
            try (NetlinkSocket route = NetlinkSocket.route();
                    NetlinkSocket changes = NetlinkSocket.routeChanges()) {
                Bridge bridge = Bridge.ensure(route, NetworkLab.BRIDGE, Optional.empty(), Optional.empty());
                changes.drain();
                run(line);
                return changes.drain(told -> bridge.isTouchedBy(Links.Change.of(told)));
            }
        });
    }

    private List<String> verify() throws IOException {
        long begin = System.nanoTime();
        List<String> wrong = lab.onHost(() -> lab.networks().verify());
        if (!wrong.isEmpty()) {
            TIMES.since(begin, wrong.getFirst().replaceAll("veth[0-9a-f]{8}", "veth"), "put back");
        }
        return wrong;
    }

    private void assertReached() throws IOException {
        assertEquals("pod to " + OUTSIDE, in(lab.outside(), () -> ask(HOST, 18080)));
        assertEquals("pod to " + pod.gateway(), lab.onHost(() -> ask("127.0.0.1", 18080)));
    }
}
