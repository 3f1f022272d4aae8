package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Exec, attach, cp and port-forward with a kubectl that speaks SPDY, as those before 1.30 do; and that clients of
/// either kind leave nothing, whatever ends first.
@ExtendWith(SharedEngine.class)
@Timeout(120)
class SpdySessionsIT {
    private static final String SPDY =
            "export KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false KUBECTL_PORT_FORWARD_WEBSOCKETS=false; ";
    private static final String TOOLS = "/bin/busybox mkdir -p /tmp; /bin/busybox --install -s /bin; ";
    private static final String SERVER = "/bin/busybox nc -ll -p 9000 -e /bin/busybox cat & echo ready; "
            + "while read line; do echo got $line; done; wait";
    private static final Pattern FORWARDING = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> 9000");
    /// What a talkative kubectl says of a connection that speaks SPDY.
    private static final String UPGRADED = "Upgrade: SPDY/3.1\n";
    private static final int ROUNDS = 3;

    private static Sample box;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start(EngineProcess engine) {
        box = Sample.pod("oldclients", TOOLS + SERVER).with("  stdin: true").in(engine);
        box.wrote(engine, "ready");
    }

    @AfterAll
    static void end(EngineProcess engine) {
        box.delete(engine);
    }

    @Test
    void these_clients_speak_spdy(EngineProcess engine) {
        String command = "kubectl -v=8 exec oldclients -- true";

        EngineProcess.Ran old = engine.shell(folder, SPDY + command).orFail();
        EngineProcess.Ran today = engine.shell(folder, command).orFail();

        assertTrue(old.err().contains(UPGRADED), old.text());
        assertFalse(today.err().contains(UPGRADED), today.text());
    }

    @Test
    @DisplayName("S34 an old client executes commands, with streams, a terminal and exit codes")
    void an_old_client_executes_commands(EngineProcess engine) throws IOException {
        Files.writeString(
                folder.resolve("typed"),
                "until stty size | /bin/busybox grep 99 || [ $((i+=1)) -gt 500 ]; do /bin/busybox usleep 10000; done\nexit 3\n");

        EngineProcess.Ran plain =
                engine.shell(folder, SPDY + "kubectl exec oldclients -- sh -c 'echo out; echo bad >&2; exit 7'");
        EngineProcess.Ran piped = engine.shell(
                folder, SPDY + "head -c 2000000 /dev/zero | kubectl exec -i oldclients -- sh -c 'wc -c; exit 4'");
        EngineProcess.Ran terminal = engine.shell(
                folder,
                SPDY + "script -qec 'stty rows 33 cols 99; kubectl exec -it oldclients -- sh' /dev/null <typed");
        EngineProcess.Ran refused = engine.shell(folder, SPDY + "kubectl exec oldclients -- nosuch");

        assertEquals("out\n", plain.out());
        assertTrue(plain.err().startsWith("bad\n"), plain.text());
        assertEquals(7, plain.code(), plain.text());
        assertEquals("2000000\n", piped.out());
        assertEquals(4, piped.code(), piped.text());
        assertTrue(terminal.out().contains("33 99"), terminal.text());
        assertEquals(3, terminal.code(), terminal.text());
        assertTrue(refused.err().contains("execute nosuch: no such file or directory"), refused.text());
    }

    @Test
    @DisplayName("S34 an old client copies files and joins a container's own process")
    void an_old_client_copies_and_attaches(EngineProcess engine) throws IOException {
        byte[] content = new byte[300_000];
        new Random(5).nextBytes(content);
        Files.write(folder.resolve("there"), content);

        engine.shell(folder, SPDY + "kubectl cp there oldclients:/tmp/copy && kubectl cp oldclients:/tmp/copy back")
                .orFail();
        Process typist = engine.background("sh", "-c", SPDY + "exec kubectl attach -i oldclients");
        try {
            engine.await("the container to hear it", () -> {
                type(typist, "hello\n");
                return box.logs(engine).contains("got hello");
            });
        } finally {
            typist.destroyForcibly();
        }

        assertArrayEquals(content, Files.readAllBytes(folder.resolve("back")));
    }

    @Test
    void an_old_client_forwards_a_port(EngineProcess engine) throws Exception {
        Process kubectl = engine.background("sh", "-c", SPDY + "exec kubectl -v=8 port-forward pod/oldclients :9000");
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(kubectl.getInputStream(), StandardCharsets.UTF_8))) {
            StringBuilder before = new StringBuilder();
            Matcher forwarding = forwarding(said, before);
            assertTrue(before.indexOf(UPGRADED) >= 0, before::toString);
            int port = Integer.parseInt(forwarding.group(1));
            for (int i = 0; i < ROUNDS; i++) {
                byte[] sent = new byte[200_000];
                new Random(i).nextBytes(sent);
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    Thread.startVirtualThread(() -> send(socket, sent));
                    assertArrayEquals(sent, socket.getInputStream().readAllBytes());
                }
            }
        } finally {
            kubectl.destroyForcibly().waitFor();
        }
    }

    /// @param before takes what is said before the ports are
    private static Matcher forwarding(BufferedReader said, StringBuilder before) throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            Matcher forwarding = FORWARDING.matcher(line);
            if (forwarding.matches()) {
                return forwarding;
            }
            before.append(line).append('\n');
        }
        throw new IOException("kubectl forwards nothing: " + before);
    }

    @Test
    void whatever_ends_first_nothing_of_a_session_is_left(EngineProcess engine) throws Exception {
        // The first crowd leaves what the engine keeps for crowds, like threads that wait a while for more to do.
        crowd(engine);
        engine.await(
                "the first sessions to end", () -> EngineHoldings.of(engine).execs() == 0);
        EngineHoldings before = EngineHoldings.settled(engine);

        crowd(engine);

        engine.await("nothing to be left but " + before, () -> EngineHoldings.of(engine)
                .isAtMost(before));
    }

    private static void crowd(EngineProcess engine) throws Exception {
        long shims = EngineHoldings.settled(engine).shims();
        List<Process> clients = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            String kind = i % 2 == 0 ? SPDY : "";
            // The client ends, the process ignores it; the process is killed; the process ends by itself; the client
            // sends for ever to who does not read.
            clients.add(engine.background(
                    "sh",
                    "-c",
                    kind + "exec kubectl exec -i oldclients -- sh -c 'trap \"\" HUP" + " TERM; sleep 600'"));
            clients.add(engine.background("sh", "-c", kind + "exec kubectl exec oldclients -- sh -c 'kill -9 $$'"));
            clients.add(engine.background("sh", "-c", kind + "exec kubectl exec -i oldclients -- true"));
            clients.add(
                    engine.background("sh", "-c", kind + "exec kubectl exec -i oldclients -- sleep 601 </dev/zero"));
        }
        engine.await("those that stay to run", () -> EngineHoldings.of(engine).shims() >= shims + 2 * ROUNDS);

        for (Process client : clients) {
            client.destroyForcibly().waitFor();
        }
    }

    private static void type(Process client, String text) {
        try {
            client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            client.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void send(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
