package dev.slipway.engine.network;

import static dev.slipway.engine.network.NetworkLab.in;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Networks with a loopback alone, on a host made of namespaces.
class LoneNetworksKernelTest {
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
    @DisplayName("S36 a pod without a network has a loopback of its own that is up, and nothing else")
    void a_lone_pod_has_a_loopback_alone() throws IOException {
        NetworkAttachment.Own other = lab.attach(TWO);
        Path netns = attach(Optional.empty());
        in(other, () -> lab.serve("other", 8080));
        lab.onHost(() -> lab.serve("host", 8080));

        String links = inside(netns, "ip -br addr");
        String routes = inside(netns, "ip route");

        assertTrue(links.matches("lo +UNKNOWN +127\\.0\\.0\\.1/8 [^\\n]*\\n"), links);
        assertEquals("", routes);
        try (NetworkNamespace lone = NetworkNamespace.open(netns)) {
            assertEquals("", in(lone, () -> NetworkLab.ask("127.0.0.1", 8080)), "the host's loopback");
            assertEquals("", in(lone, () -> NetworkLab.ask(other.address().toString(), 8080)));
            in(lone, () -> lab.serve("itself", 8080));
            assertEquals("itself to 127.0.0.1", in(lone, () -> NetworkLab.ask("127.0.0.1", 8080)));
        }
    }

    @Test
    void an_empty_namespace_of_somebody_else_becomes_the_pods() throws IOException {
        Path given = lab.directory().resolveSibling("given");
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            namespace.pin(given);
            try {
                Path netns = attach(Optional.of(given));

                assertEquals(Files.getAttribute(given, "unix:ino"), Files.getAttribute(netns, "unix:ino"));
            } finally {
                NetworkNamespace.unpin(given);
            }
        }
    }

    @Test
    void a_lone_pod_keeps_its_network_over_a_restart_of_the_engine() throws IOException {
        Path netns = attach(Optional.empty());
        lab.onHost(() -> lab.networks().attach(TWO, new NetworkRequest.Alone(Optional.empty())));
        Object before = Files.getAttribute(netns, "unix:ino");

        lab.restart();
        Set<PodUid> found = lab.onHost(() -> lab.networks().recover(Set.of(ONE)));

        assertEquals(Set.of(ONE), found);
        assertEquals(netns, attach(Optional.empty()));
        assertEquals(before, Files.getAttribute(netns, "unix:ino"));
        assertFalse(Files.exists(lab.directory().resolve("two")), "of a pod that is gone");
        assertEquals(List.of(), lab.onHost(lab.networks()::verify));
    }

    @Test
    void a_lone_pod_leaves_nothing_and_its_pin_is_missed() throws IOException {
        List<String> before = lab.traces();
        Path netns = attach(Optional.empty());
        assertFalse(lab.networks().isUnpinned(ONE));

        NetworkNamespace.unpin(netns);
        assertTrue(lab.networks().isUnpinned(ONE));
        lab.onHost(() -> {
            lab.networks().detach(ONE);
            return "";
        });

        assertEquals(before, lab.traces());
        assertTrue(lab.networks().find(ONE).isEmpty());
    }

    @Test
    void a_pod_keeps_the_network_that_it_has_whatever_is_asked_later() throws IOException {
        NetworkAttachment.Own bridged = lab.attach(TWO);
        Path netns = attach(Optional.empty());

        assertEquals(bridged, lab.onHost(() -> lab.networks().attach(TWO, new NetworkRequest.Alone(Optional.empty()))));
        assertEquals(new NetworkAttachment.Alone(netns), lab.onHost(() -> lab.networks()
                .attach(ONE, new NetworkRequest.Own(List.of()))));
    }

    private Path attach(Optional<Path> empty) throws IOException {
        return lab.onHost(() -> (NetworkAttachment.Alone) lab.networks().attach(ONE, new NetworkRequest.Alone(empty)))
                .netns();
    }

    private static String inside(Path netns, String line) throws IOException {
        try (NetworkNamespace namespace = NetworkNamespace.open(netns)) {
            return in(namespace, () -> NetworkLab.run(line));
        }
    }
}
