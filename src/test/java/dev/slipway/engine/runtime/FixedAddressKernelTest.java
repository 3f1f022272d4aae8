package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.SandboxRequest.Sharing;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pods with the address that they ask for.
@Timeout(60)
class FixedAddressKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final PodUid OTHER = new PodUid("other");
    private static final ContainerName MAIN = new ContainerName(POD, "main");
    private static final String ADDRESS = "10.99.3.4";

    private RuntimeLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = RuntimeLab.open();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @ParameterizedTest(name = "users of its own: {0}")
    @ValueSource(booleans = {false, true})
    void a_container_has_the_address_that_its_pod_asks_for(boolean ownUsers) throws Exception {
        PodState.Sandbox sandbox = lab.sandbox(at(POD, ADDRESS, ownUsers));

        String output = lab.output(RuntimeLab.shell(
                MAIN, 0, "ip -o -4 addr show eth0 | tr -s ' ' | cut -d' ' -f4; ip route | grep -c default"));

        assertEquals(ADDRESS, sandbox.address());
        assertEquals(ADDRESS + "/20\n1\n", output);
        assertTrue(Files.readString(lab.files().etc(POD, "hosts")).contains(ADDRESS + "\tweb\n"));
    }

    @ParameterizedTest(name = "users of its own: {0}")
    @ValueSource(booleans = {false, true})
    void an_address_that_another_pod_has_is_refused_until_that_is_gone(boolean ownUsers) throws Exception {
        lab.sandbox(at(OTHER, ADDRESS, ownUsers));
        Set<PodUid> heard = ConcurrentHashMap.newKeySet();
        lab.runtime().listen(heard::add);

        SandboxOutcome.Refused refused =
                assertInstanceOf(SandboxOutcome.Refused.class, lab.runtime().ensureSandbox(at(POD, ADDRESS, ownUsers)));

        assertEquals("take address 10.99.3.4: already in use by pod default/web", refused.message());
        lab.runtime().removePod(OTHER);
        assertEquals(Set.of(POD), heard, "it need not wait for its next try");
        assertEquals(ADDRESS, lab.sandbox(at(POD, ADDRESS, ownUsers)).address());
    }

    @Test
    void an_address_of_another_subnet_is_refused_in_words() throws Exception {
        SandboxOutcome.Refused refused = assertInstanceOf(
                SandboxOutcome.Refused.class, lab.runtime().ensureSandbox(at(POD, "10.88.0.5", false)));

        assertEquals("take address 10.88.0.5: pods can have those from 10.99.0.2 to 10.99.15.254", refused.message());
        assertEquals(Optional.empty(), lab.runtime().find(POD));
    }

    @Test
    void it_is_kept_when_the_engine_was_killed() throws Exception {
        lab.sandbox(at(POD, ADDRESS, true));
        lab.started(RuntimeLab.idle(MAIN, 0));
        PodState before = lab.runtime().find(POD).orElseThrow();

        List<PodState> after = lab.restart();

        assertEquals(List.of(before), after);
        assertEquals(ADDRESS, lab.sandbox(at(POD, ADDRESS, true)).address());
    }

    /// Addresses begin anew then, and who starts first has the first.
    @Test
    void after_the_host_was_down_no_pod_that_wants_any_address_takes_it() throws Exception {
        String early = "10.99.0.5";
        lab.sandbox(at(POD, early, false));

        lab.reboot();
        lab.networks().reserve(Set.of(early));
        for (int i = 0; i < 6; i++) {
            lab.sandbox(Requests.sandbox(new PodUid("any" + i)));
        }

        assertEquals(early, lab.sandbox(at(POD, early, false)).address());
    }

    private static SandboxRequest at(PodUid pod, String address, boolean ownUsers) {
        return new SandboxRequest(
                pod,
                "default",
                "web",
                "web",
                new SandboxRequest.Network(
                        SandboxRequest.Link.BRIDGE,
                        Optional.of(address),
                        List.of(),
                        SandboxRequest.Dns.HOST,
                        List.of(),
                        List.of()),
                new Sharing(false, SandboxRequest.Ipc.POD, ownUsers),
                Map.of());
    }
}
