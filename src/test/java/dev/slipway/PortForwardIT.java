package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Port-forward with the real kubectl.
@ExtendWith(SharedEngine.class)
@Timeout(120)
class PortForwardIT {
    private static final String SERVERS = "/bin/busybox nc -ll -p 9000 -e /bin/busybox cat & "
            + "/bin/busybox nc -ll -p 9001 -e /bin/busybox sha256sum & echo ready; wait";
    private static final Pattern FORWARDING = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> (\\d+)");
    private static final int LIMIT_MILLIS = 20_000;
    private static final int CONNECTIONS = 12;
    private static final int MANY_BYTES = 100_000;

    private static Sample pod;

    private Process kubectl;
    private BufferedReader said;

    @BeforeAll
    static void start(EngineProcess engine) {
        pod = Sample.pod("forwarded", SERVERS).in(engine);
        pod.wrote(engine, "ready");
    }

    @AfterAll
    static void end(EngineProcess engine) {
        pod.delete(engine);
    }

    @BeforeEach
    void forward(EngineProcess engine) throws IOException {
        kubectl = engine.background("kubectl", "port-forward", "pod/forwarded", ":9000", ":9001", ":9999");
        said = new BufferedReader(new InputStreamReader(kubectl.getInputStream(), StandardCharsets.UTF_8));
    }

    @AfterEach
    void leave() throws InterruptedException {
        kubectl.destroyForcibly().waitFor();
    }

    @Test
    void bytes_go_both_ways_and_each_way_ends_by_itself() throws IOException {
        byte[] sent = bytes(1_500_000, 1);

        assertArrayEquals(sent, exchanged(localPort(9000), sent));
    }

    @Test
    void a_server_answers_after_the_client_has_ended_its_half() throws IOException {
        byte[] answer = exchanged(localPort(9001), "hello".getBytes(StandardCharsets.UTF_8));

        assertTrue(new String(answer, StandardCharsets.UTF_8)
                .startsWith("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"));
    }

    @Test
    void many_connections_live_side_by_side() throws Exception {
        // Each is answered before the next begins: a server of busybox has no room for many that wait, and the kernel
        // resets those.
        List<Socket> open = crowd(localPort(9000));
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<byte[]>> ends = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket socket = open.get(i);
                byte[] sent = bytes(MANY_BYTES, i);
                ends.add(clients.submit(() -> exchanged(socket, sent)));
            }
            for (int i = 0; i < CONNECTIONS; i++) {
                assertArrayEquals(bytes(MANY_BYTES, i), ends.get(i).get());
            }
        } finally {
            closeAll(open);
        }
    }

    @Test
    void nobody_at_the_port_is_told() throws IOException {
        int port = localPort(9999);

        assertEquals(0, exchanged(port, new byte[0]).length);

        String line = said.readLine();
        while (!line.contains("an error occurred forwarding")) {
            line = said.readLine();
        }
        assertTrue(line.contains("error forwarding port 9999: connect to 127.0.0.1:9999: connection refused"), line);
    }

    @Test
    void a_client_that_vanishes_leaves_nothing(EngineProcess engine) throws Exception {
        int port = localPort(9000);
        // The first crowd leaves what the engine keeps for crowds, like threads that wait a while for more to do.
        closeAll(crowd(port));
        EngineHoldings before = EngineHoldings.settled(engine);

        List<Socket> open = crowd(port);
        try {
            assertTrue(EngineHoldings.of(engine).descriptors() >= before.descriptors() + CONNECTIONS);

            kubectl.destroyForcibly().waitFor();

            engine.await("nothing to be left but " + before, () -> EngineHoldings.of(engine)
                    .isAtMost(before));
        } finally {
            closeAll(open);
        }
    }

    /// Connections that are open side by side, each of which has been answered.
    private static List<Socket> crowd(int port) throws IOException {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                open.add(socket);
                socket.setSoTimeout(LIMIT_MILLIS);
                socket.getOutputStream().write('x');
                assertEquals('x', socket.getInputStream().read());
            }
        } catch (IOException | AssertionError e) {
            closeAll(open);
            throw e;
        }
        return open;
    }

    private static void closeAll(List<Socket> open) throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
    }

    /// The port on this host that kubectl took for one of the pod's.
    private int localPort(int remote) throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            Matcher forwarding = FORWARDING.matcher(line);
            if (forwarding.matches() && Integer.parseInt(forwarding.group(2)) == remote) {
                return Integer.parseInt(forwarding.group(1));
            }
        }
        throw new IOException("kubectl forwards nothing");
    }

    /// What comes back for `sent` until the other side ends.
    private static byte[] exchanged(int port, byte[] sent) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return exchanged(socket, sent);
        }
    }

    private static byte[] exchanged(Socket socket, byte[] sent) throws IOException {
        socket.setSoTimeout(LIMIT_MILLIS);
        Thread.startVirtualThread(() -> {
            try {
                socket.getOutputStream().write(sent);
                socket.shutdownOutput();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return socket.getInputStream().readAllBytes();
    }

    private static byte[] bytes(int count, long seed) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
