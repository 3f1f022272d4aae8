package dev.slipway.engine.network;

import static dev.slipway.engine.network.NetworkLab.ask;
import static dev.slipway.engine.network.NetworkLab.in;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.NetworkNamespace;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pods with the address that they ask for, on a host made of namespaces.
class FixedAddressesKernelTest {
    private static final PodUid ONE = new PodUid("one");
    private static final PodUid TWO = new PodUid("two");
    private static final String WANTED = "10.88.7.9";

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
    @DisplayName("S36 a pod has the address that it asks for, and is reached by it")
    void a_pod_has_the_address_that_it_asks_for() throws IOException {
        NetworkAttachment.Own one = attach(ONE, WANTED);
        NetworkAttachment.Own two = lab.attach(TWO);
        in(one, () -> lab.serve("one", 80));

        assertEquals(WANTED, one.address().toString());
        assertEquals("one to " + two.address(), in(two, () -> ask(WANTED, 80)));
        assertEquals(one, attach(ONE, WANTED), "again");
        assertEquals(List.of(), lab.onHost(lab.networks()::verify));
    }

    /// The lab keeps two networks ready, with the first two addresses.
    @ParameterizedTest
    @ValueSource(strings = {"10.88.0.2", "10.88.0.3"})
    void an_address_that_is_kept_ready_is_given_up_for_who_asks_for_it(String ready) throws IOException {
        assertEquals("2\n", ports());

        NetworkAttachment.Own one = attach(ONE, ready);
        in(one, () -> lab.serve("one", 80));

        assertEquals(ready, one.address().toString());
        assertEquals("2\n", ports(), "the interface that had it is gone");
        NetworkAttachment.Own two = lab.attach(TWO);
        assertEquals("one to " + two.address(), in(two, () -> ask(ready, 80)));
    }

    @Test
    void an_address_of_a_namespace_that_was_prepared_is_given_up_and_its_pod_has_another() throws IOException {
        Path prepared = lab.directory().resolveSibling("prepared");
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            namespace.pin(prepared);
            try {
                lab.onHost(() -> {
                    lab.networks().prepare(prepared);
                    return "";
                });
                String ahead = in(
                                namespace, () -> NetworkLab.run("ip -o -4 addr show eth0 | sed 's/.*inet //;s#/.*##'"))
                        .strip();

                NetworkAttachment.Own one = attach(ONE, ahead);
                NetworkAttachment.Own two = (NetworkAttachment.Own) lab.onHost(() -> lab.networks()
                        .attach(TWO, new NetworkRequest.Own(List.of(), Optional.empty(), Optional.of(prepared))));

                assertEquals(ahead, one.address().toString());
                in(one, () -> lab.serve("one", 80));
                assertEquals("one to " + two.address(), in(two, () -> ask(ahead, 80)));
            } finally {
                NetworkNamespace.unpin(prepared);
            }
        }
    }

    @Test
    void an_address_that_a_pod_has_is_refused_until_that_is_gone() throws IOException {
        NetworkAttachment.Own one = lab.attach(ONE);
        List<String> before = lab.traces();
        String address = one.address().toString();

        TakenException refused = assertThrows(TakenException.class, () -> attach(TWO, address));

        assertEquals("take address " + address + ": already in use by pod one", refused.getMessage());
        assertEquals(
                "take address " + address + ": already in use by pod default/web",
                refused.message(pod -> Optional.of("default/web")));
        assertEquals(before, lab.traces());
        lab.onHost(() -> {
            lab.networks().detach(ONE);
            return "";
        });
        // Its interface is on its way out, and nobody has looked yet whether it is gone.
        NetworkAttachment.Own two = attach(TWO, address);
        in(two, () -> lab.serve("two", 80));
        assertEquals(address, two.address().toString());
        assertEquals("two to " + two.gateway(), lab.onHost(() -> ask(address, 80)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.88.0.0", "10.88.0.1", "10.88.255.255", "10.89.0.2", "192.0.2.1", "0.0.0.0"})
    void an_address_that_no_pod_can_have_is_refused(String address) {
        BindException refused = assertThrows(BindException.class, () -> attach(ONE, address));

        assertEquals(
                "take address " + address + ": pods can have those from 10.88.0.2 to 10.88.255.254",
                refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.88.0.2", "10.88.255.254"})
    void the_first_and_the_last_address_can_be_had(String address) throws IOException {
        assertEquals(address, attach(ONE, address).address().toString());
    }

    @Test
    void it_is_kept_over_a_restart_of_the_engine() throws IOException {
        NetworkAttachment.Own one = attach(ONE, WANTED);

        lab.restart();
        Set<PodUid> found = lab.onHost(() -> lab.networks().recover(Set.of(ONE)));

        assertEquals(Set.of(ONE), found);
        assertEquals(one, attach(ONE, WANTED));
        assertThrows(TakenException.class, () -> attach(TWO, WANTED));
    }

    /// Addresses of another subnet would not be what pods ask for.
    @Test
    void the_subnet_is_chosen_again_after_the_host_was_down_also_when_an_earlier_one_is_free_by_then()
            throws IOException {
        lab.onHost(() -> {
            lab.networks().dismantle();
            return "";
        });
        lab.shell("ip link add before type bridge && ip addr add 10.88.0.1/16 dev before && ip link set before up");
        lab.restart();
        NetworkAttachment.Own one = lab.attach(ONE);
        assertEquals("10.89.0.1", one.gateway().toString());

        lab.onHost(() -> {
            lab.networks().dismantle();
            return "";
        });
        lab.shell("ip link delete before");
        lab.restart();

        assertEquals("10.89.0.1", lab.attach(ONE).gateway().toString());
    }

    @Test
    void a_subnet_that_the_host_has_a_route_into_by_now_or_that_cannot_be_read_is_not_chosen_again()
            throws IOException {
        Path last = lab.directory().resolveSibling("root/subnet");
        assertEquals("10.88.0.0/16\n", Files.readString(last));
        lab.onHost(() -> {
            lab.networks().dismantle();
            return "";
        });
        lab.shell("ip route add 10.88.3.0/24 via 192.0.2.9");
        lab.restart();
        assertEquals("10.89.0.1", lab.attach(ONE).gateway().toString());
        assertEquals("10.89.0.0/16\n", Files.readString(last));

        lab.onHost(() -> {
            lab.networks().dismantle();
            return "";
        });
        Files.writeString(last, "10.90.0.0/31\n");
        lab.restart();
        assertEquals("10.89.0.1", lab.attach(ONE).gateway().toString());
        lab.onHost(() -> {
            lab.networks().dismantle();
            return "";
        });
        Files.write(last, new byte[] {-1, -2, -3});
        lab.restart();
        assertEquals("10.89.0.1", lab.attach(ONE).gateway().toString());
    }

    @Test
    void an_address_that_is_reserved_is_given_to_nobody_who_asks_for_any() throws IOException {
        lab.networks().reserve(Set.of("10.88.0.4", "10.88.0.6"));

        for (int i = 0; i < 8; i++) {
            String given = lab.attach(new PodUid("any" + i)).address().toString();
            assertTrue(!Set.of("10.88.0.4", "10.88.0.6").contains(given), given);
            lab.runBackground();
        }
        assertEquals("10.88.0.4", attach(ONE, "10.88.0.4").address().toString());
    }

    @Test
    void an_address_that_is_reserved_when_it_is_ready_already_is_given_to_nobody_either() throws IOException {
        lab.runBackground();
        lab.networks().reserve(Set.of("10.88.0.2", "10.88.0.3"));

        for (int i = 0; i < 4; i++) {
            String given = lab.attach(new PodUid("any" + i)).address().toString();
            assertTrue(!Set.of("10.88.0.2", "10.88.0.3").contains(given), given);
        }
        assertEquals("10.88.0.2", attach(ONE, "10.88.0.2").address().toString());
        assertEquals("10.88.0.3", attach(TWO, "10.88.0.3").address().toString());
    }

    @Test
    void of_two_who_ask_for_one_at_once_one_has_it_and_the_other_hears_who() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 10; round++) {
                String address = "10.88.9." + (round + 1);
                CyclicBarrier moment = new CyclicBarrier(2);
                PodUid left = new PodUid("left" + round);
                PodUid right = new PodUid("right" + round);
                List<Future<String>> outcomes = List.of(
                        threads.submit(() -> outcome(left, address, moment)),
                        threads.submit(() -> outcome(right, address, moment)));

                List<String> said =
                        List.of(outcomes.get(0).get(), outcomes.get(1).get());

                assertTrue(said.contains("has it"), said::toString);
                assertTrue(said.stream().anyMatch(each -> each.contains("already in use by pod")), said::toString);
            }
        }
    }

    private String outcome(PodUid pod, String address, CyclicBarrier moment) throws Exception {
        moment.await(20, TimeUnit.SECONDS);
        try {
            attach(pod, address);
            return "has it";
        } catch (TakenException e) {
            return e.getMessage();
        }
    }

    private NetworkAttachment.Own attach(PodUid pod, String address) throws IOException {
        NetworkRequest request = new NetworkRequest.Own(List.of(), Optional.of(Ipv4.parse(address)), Optional.empty());
        return lab.onHost(() -> (NetworkAttachment.Own) lab.networks().attach(pod, request));
    }

    /// How many interfaces the bridge has.
    private String ports() throws IOException {
        return lab.shell("ip -br link show master " + NetworkLab.BRIDGE + " | wc -l");
    }
}
