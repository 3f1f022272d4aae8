package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.runtime.SandboxRequest.Sharing;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pods that reach nobody, and are reached by nobody.
@Timeout(60)
class LonePodKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName MAIN = new ContainerName(POD, "main");

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
    void a_container_sees_a_loopback_and_no_other_interface(boolean ownUsers) throws Exception {
        PodState.Sandbox sandbox = lab.sandbox(lone(ownUsers));

        String output = lab.output(RuntimeLab.shell(
                MAIN, 0, "ip -o link | cut -d: -f2 | tr -d ' '; ip -o -4 addr | grep -c 127.0.0.1/8; ip route; id -u"));

        assertEquals("", sandbox.address());
        assertEquals(ownUsers, sandbox.users().isPresent());
        assertEquals("lo\n1\n0\n", output);
        assertTrue(Files.readString(lab.files().etc(POD, "hosts")).contains("127.0.0.1\tweb\n"));
        assertEquals("", Files.readString(lab.files().etc(POD, "resolv.conf")));
    }

    @Test
    void users_that_were_asked_for_by_number_have_it_too() throws Exception {
        lab.sandbox(Requests.withUsers(lone(false), new SandboxRequest.Users.Own(OptionalInt.of(200_000), 65_536)));

        assertEquals("lo\n", lab.output(RuntimeLab.shell(MAIN, 0, "ip -o link | cut -d: -f2 | tr -d ' '")));
    }

    @ParameterizedTest(name = "users of its own: {0}")
    @ValueSource(booleans = {false, true})
    void it_lives_on_when_the_engine_was_killed_and_its_missing_address_is_nothing_to_repair(boolean ownUsers)
            throws Exception {
        lab.sandbox(lone(ownUsers));
        lab.started(RuntimeLab.shell(MAIN, 0, "echo own >> /etc/hosts; while true; do echo here | nc -l -p 80; done"));
        RuntimeLab.await(() -> hosts().contains("own"));
        PodState before = lab.runtime().find(POD).orElseThrow();
        Object namespace = Files.getAttribute(netns(), "unix:ino");

        List<PodState> after = lab.restart();
        lab.sandbox(lone(ownUsers));

        assertEquals(List.of(before), after);
        assertEquals(namespace, Files.getAttribute(netns(), "unix:ino"));
        assertTrue(hosts().contains("own"), "its files are let be");
        RuntimeLab.await(() -> answer().equals("here\n"));
    }

    @Test
    void after_the_host_was_down_it_gets_such_a_network_again_and_leaves_none() throws Exception {
        lab.sandbox(lone(true));

        lab.reboot();
        PodState.Sandbox sandbox = lab.sandbox(lone(true));

        assertEquals("", sandbox.address());
        assertEquals("lo\n", lab.output(RuntimeLab.shell(MAIN, 0, "ip -o link | cut -d: -f2 | tr -d ' '")));
        lab.runtime().removePod(POD);
        assertFalse(Files.exists(netns()));
        assertTrue(lab.mounts().stream().noneMatch(mount -> mount.endsWith("netns")), () -> "a pin is left");
    }

    @Test
    void a_pin_that_somebody_took_away_comes_back_with_the_same_namespace_while_a_process_is_in_it() throws Exception {
        lab.sandbox(lone(false));
        lab.started(RuntimeLab.idle(MAIN, 0));
        Object namespace = Files.getAttribute(netns(), "unix:ino");
        Mounts.detach(netns());
        assertNotEquals(namespace, Files.getAttribute(netns(), "unix:ino"));

        lab.sandbox(lone(false));

        assertEquals(namespace, Files.getAttribute(netns(), "unix:ino"));
    }

    /// As a forwarded port does.
    private String answer() {
        try (SocketChannel channel = lab.runtime().connect(POD, 80)) {
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private String hosts() {
        try {
            return Files.readString(lab.files().etc(POD, "hosts"));
        } catch (IOException e) {
            return "";
        }
    }

    private Path netns() {
        return lab.run().resolve("network/pod/netns");
    }

    private static SandboxRequest lone(boolean ownUsers) {
        return new SandboxRequest(
                POD,
                "default",
                "web",
                "web",
                new SandboxRequest.Network(SandboxRequest.Link.NONE, List.of(), SandboxRequest.Dns.HOST, List.of()),
                new Sharing(false, SandboxRequest.Ipc.POD, ownUsers),
                Map.of());
    }
}
