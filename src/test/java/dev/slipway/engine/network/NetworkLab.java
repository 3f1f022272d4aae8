package dev.slipway.engine.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.NetworkNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// A host made of network namespaces: its own interfaces, routes, packet rules and parameters, so that a test touches
/// nothing of the machine it runs on. One interface leads to the outside, where another host is.
///
/// ```
///   pods -- labbr0 -- [host 192.0.2.1] -- uplink -- [outside 192.0.2.9]
/// ```
final class NetworkLab implements AutoCloseable {
    static final String BRIDGE = "labbr0";
    static final String HOST = "192.0.2.1";
    static final String OUTSIDE = "192.0.2.9";
    private static final int PATIENCE_MILLIS = 3000;

    private final Path home;
    private final NetworkNamespace host;
    private final NetworkNamespace outside;
    private final List<AutoCloseable> servers = new ArrayList<>();
    private final Queue<Runnable> background = new ConcurrentLinkedQueue<>();
    private PodNetworks networks;

    private NetworkLab(Path home, NetworkNamespace host, NetworkNamespace outside) {
        this.home = home;
        this.host = host;
        this.outside = outside;
        this.networks = new PodNetworks(settings(), background::add);
    }

    static NetworkLab open() throws IOException {
        Path home = Files.createTempDirectory("slwnet");
        NetworkLab lab = new NetworkLab(home, NetworkNamespace.create(), NetworkNamespace.create());
        lab.outside.pin(home.resolve("outside"));
        lab.shell("ip link set lo up && ip addr add 192.0.2.1/24 dev $(ip link add uplink mtu 1400 type veth"
                + " peer name far mtu 1400 netns " + home.resolve("outside") + " && echo uplink)"
                + " && ip link set uplink up && ip route add default via 192.0.2.9");
        in(
                lab.outside,
                () -> run("ip link set lo up && ip addr add 192.0.2.9/24 dev far && ip link set far up"
                        + " && ip route add 10.0.0.0/8 via 192.0.2.1"));
        lab.onHost(() -> {
            lab.networks.open();
            return "";
        });
        lab.runBackground();
        lab.awaitUp();
        return lab;
    }

    /// The kernel lets nothing through an interface until it has taken note that there is another end: who asks before
    /// waits a second for the next try.
    private void awaitUp() throws IOException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        String up = "ip -br link show up | grep -cE '^(" + BRIDGE + "|uplink)[^ ]* +UP' || true";
        while (!shell(up).strip().equals("2")) {
            assertTrue(System.nanoTime() - deadline < 0, () -> "interfaces stay down");
            LockSupport.parkNanos(5_000_000);
        }
    }

    private NetworkSettings settings() {
        return new NetworkSettings(home.resolve("run"), home.resolve("root/subnet"), BRIDGE, Optional.empty(), 2);
    }

    PodNetworks networks() {
        return networks;
    }

    Path directory() {
        return home.resolve("run");
    }

    /// Does what the networks have put off; the tests say when, so that they see both.
    void runBackground() throws IOException {
        onHost(() -> {
            for (Runnable task = background.poll(); task != null; task = background.poll()) {
                task.run();
            }
            return "";
        });
    }

    NetworkNamespace outside() {
        return outside;
    }

    NetworkNamespace host() {
        return host;
    }

    /// Gives a pod a network of its own.
    NetworkAttachment.Own attach(PodUid pod, PortMapping... ports) throws IOException {
        return onHost(() -> (NetworkAttachment.Own) networks.attach(pod, new NetworkRequest.Own(List.of(ports))));
    }

    /// Lets the engine end as a crash would, and starts another on the same directory.
    void restart() throws IOException {
        networks.close();
        networks = new PodNetworks(settings(), background::add);
        onHost(() -> {
            networks.open();
            return "";
        });
    }

    <T> T onHost(Callable<T> task) throws IOException {
        return in(host, task);
    }

    static <T> T in(NetworkNamespace namespace, Callable<T> task) throws IOException {
        return namespace.inside(task);
    }

    static <T> T in(NetworkAttachment.Own pod, Callable<T> task) throws IOException {
        try (NetworkNamespace namespace = NetworkNamespace.open(pod.netns())) {
            return namespace.inside(task);
        }
    }

    /// Runs a shell line on the lab's host.
    String shell(String line) throws IOException {
        return onHost(() -> run(line));
    }

    /// What attachments leave on the host: interfaces, elements of the table, files.
    List<String> traces() throws IOException {
        List<String> traces = new ArrayList<>(Arrays.asList(
                shell("ip -br link | wc -l; nft list map ip labbr0 ports; nft list map ip labbr0 address_ports")
                        .split("\n")));
        try (Stream<Path> files = Files.walk(directory())) {
            traces.addAll(files.map(Path::toString).sorted().toList());
        }
        traces.addAll(new HashSet<>(Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(directory().toString()))
                .toList()));
        return traces;
    }

    static String run(String line) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder("sh", "-c", line).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), line + ": " + out);
        return out;
    }

    /// Answers every connection to a port of the calling thread's namespace with `name` and who called.
    String serve(String name, int port) throws IOException {
        ServerSocket server = new ServerSocket();
        servers.add(server);
        server.bind(new InetSocketAddress("0.0.0.0", port));
        Thread.ofPlatform().daemon().start(() -> {
            while (!server.isClosed()) {
                try (Socket caller = server.accept()) {
                    String answer = name + " to " + caller.getInetAddress().getHostAddress() + "\n";
                    caller.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // The lab has closed the server, or the caller has gone.
                    continue;
                }
            }
        });
        return name;
    }

    /// The same for datagrams.
    String serveDatagrams(String name, int port) throws IOException {
        DatagramSocket server = new DatagramSocket(port, InetAddress.getByName("0.0.0.0"));
        servers.add(server);
        Thread.ofPlatform().daemon().start(() -> {
            while (!server.isClosed()) {
                try {
                    DatagramPacket packet = new DatagramPacket(new byte[16], 16);
                    server.receive(packet);
                    packet.setData(name.getBytes(StandardCharsets.UTF_8));
                    server.send(packet);
                } catch (IOException e) {
                    // The lab has closed the server.
                    continue;
                }
            }
        });
        return name;
    }

    /// What is answered at an address, asked from the calling thread's namespace; empty if nothing is.
    static String ask(String address, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), PATIENCE_MILLIS / 3);
            socket.setSoTimeout(PATIENCE_MILLIS);
            String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
            return line == null ? "" : line;
        } catch (IOException e) {
            return "";
        }
    }

    /// Sends a datagram with an address of its own.
    static String tell(String from, String address, int port) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName(from))) {
            socket.send(new DatagramPacket(new byte[] {'!'}, 1, new InetSocketAddress(address, port)));
            return from;
        }
    }

    static String askDatagram(String address, int port) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            return askDatagram(socket, address, port, PATIENCE_MILLIS);
        }
    }

    /// Asks from the port of a socket, wherever that was opened, and again while nobody answers: datagrams get lost.
    ///
    /// @throws IOException when nobody answers in time
    static String askDatagram(DatagramSocket socket, String address, int port, int patienceMillis) throws IOException {
        socket.setSoTimeout(Math.min(patienceMillis, PATIENCE_MILLIS / 6));
        long deadline = System.nanoTime() + patienceMillis * 1_000_000L;
        DatagramPacket answer = new DatagramPacket(new byte[64], 64);
        while (true) {
            socket.send(new DatagramPacket(new byte[] {'?'}, 1, new InetSocketAddress(address, port)));
            try {
                socket.receive(answer);
                return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
            } catch (SocketTimeoutException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        try {
            for (AutoCloseable server : servers) {
                server.close();
            }
            onHost(() -> {
                networks.dismantle();
                return "";
            });
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            host.close();
            outside.close();
            NetworkNamespace.unpin(home.resolve("outside"));
            try (Stream<Path> all = Files.walk(home)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
