package dev.slipway.engine.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Volumes that are mounts. A server of NFS is not on every machine, nor is the kernel's client: where a mount shall
/// succeed, memory is mounted instead, and what the kernel would have been told is looked at. `NfsInGuest` has both.
class MountedVolumesKernelTest {
    private static final VolumeName NAME = new VolumeName("default.shared");

    @TempDir
    private Path home = Path.of("");

    private final List<String> told = new CopyOnWriteArrayList<>();
    private MountedVolumes volumes = new MountedVolumes(Path.of("/nowhere"), (source, target, readOnly, options) -> {});

    @AfterEach
    void dismantle() throws IOException {
        volumes.dismantle();
    }

    private MountedVolumes over(NfsExport.Mounter nfs) {
        volumes = new MountedVolumes(home.resolve("mounted"), nfs);
        return volumes;
    }

    private void note(String source, Path target, boolean readOnly, String options) throws IOException {
        told.add("%s %s %s".formatted(source, readOnly ? "ro" : "rw", options));
        Mounts.tmpfs(target, "size=65536");
    }

    @Test
    void memory_takes_no_more_than_its_size_and_is_found_again() throws IOException {
        over(this::note);

        Path memory = volumes.memory(NAME, Optional.of(1L << 20), new Ownership(7, 8, 01770));

        assertEquals(7, Files.getAttribute(memory, "unix:uid"));
        assertEquals(01770, (int) Files.getAttribute(memory, "unix:mode") & 07777);
        assertThrows(IOException.class, () -> Files.write(memory.resolve("big"), new byte[2 << 20]));
        Files.delete(memory.resolve("big"));
        Files.writeString(memory.resolve("file"), "x");
        MountedVolumes later = new MountedVolumes(home.resolve("mounted"), this::note);
        assertEquals(memory, later.memory(NAME, Optional.of(1L << 20), Ownership.ROOT));
        assertEquals("x", Files.readString(memory.resolve("file")));
        later.detach(NAME);
        assertEquals(Optional.empty(), later.find(NAME));
        assertFalse(Files.exists(memory));
    }

    @Test
    @DisplayName("S48 a directory of an NFS server is mounted once by the kernel's client and let go of")
    void a_directory_of_a_server_is_a_volume() throws IOException {
        over(this::note);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            NfsExport export = new NfsExport(
                    "127.0.0.1", "/srv/shared", false, List.of("port=" + server.getLocalPort(), "soft", "timeo=50"));

            Path path = volumes.nfs(NAME, export);

            assertEquals(path, volumes.nfs(NAME, export), "it is not mounted again");
            assertEquals(
                    List.of("127.0.0.1:/srv/shared rw vers=4.2,addr=127.0.0.1,port=%d,soft,timeo=50"
                            .formatted(server.getLocalPort())),
                    told);
            Files.writeString(path.resolve("file"), "x");
            assertEquals(Optional.of(path), volumes.find(NAME));
            volumes.detach(NAME);
            assertEquals(Optional.empty(), volumes.find(NAME));
        }
    }

    @Test
    void an_older_version_is_tried_where_the_server_has_no_later_one() throws IOException {
        over((source, target, readOnly, options) -> {
            note(source, target, readOnly, options);
            if (!options.contains("vers=4.0")) {
                Mounts.detach(target);
                throw new LinuxException(Errno.EPROTONOSUPPORT.number(), "mount", source);
            }
        });
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            volumes.nfs(NAME, new NfsExport("localhost", "/", true, List.of("port=" + server.getLocalPort())));

            assertEquals(3, told.size(), told.toString());
            assertTrue(told.getLast().startsWith("localhost:/ ro vers=4.0,addr=127.0.0.1,"), told.toString());
        }
    }

    @Test
    @DisplayName("S48 a server that nobody is at is named at once")
    void a_server_that_nobody_is_at_is_named() throws IOException {
        over(Mounts::nfs);
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }

        IOException refused = assertThrows(
                IOException.class,
                () -> volumes.nfs(NAME, new NfsExport("127.0.0.1", "/srv", false, List.of("port=" + port))));

        assertEquals("reach NFS server 127.0.0.1, port %d: Connection refused".formatted(port), refused.getMessage());
        assertEquals(Optional.empty(), volumes.find(NAME));
    }

    @Test
    @DisplayName("S48 what the kernel says to a server that is none is passed on")
    void what_the_kernel_says_is_passed_on() throws IOException {
        over(Mounts::nfs);
        try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread hangsUp = Thread.ofPlatform().start(() -> hangUp(server));

            IOException refused = assertThrows(
                    IOException.class,
                    () -> volumes.nfs(
                            NAME,
                            new NfsExport(
                                    "127.0.0.1",
                                    "/srv",
                                    false,
                                    List.of("port=" + server.getLocalPort(), "soft", "timeo=2", "retrans=1"))));

            server.close();
            assertTrue(refused.getMessage().startsWith("mount 127.0.0.1:/srv: "), refused.getMessage());
            assertEquals(Optional.empty(), volumes.find(NAME));
            hangsUp.interrupt();
        }
    }

    private static void hangUp(ServerSocket server) {
        try {
            while (!server.isClosed()) {
                server.accept().close();
            }
        } catch (IOException e) {
            // The test has closed it.
            return;
        }
    }

    @Test
    void a_server_that_lets_the_kernel_wait_holds_nobody_for_long() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        volumes = new MountedVolumes(home.resolve("mounted"), blocking(answer), Duration.ofMillis(50));
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            NfsExport export = new NfsExport("127.0.0.1", "/srv", false, List.of("port=" + server.getLocalPort()));

            IOException first = assertThrows(IOException.class, () -> volumes.nfs(NAME, export));
            IOException second = assertThrows(IOException.class, () -> volumes.nfs(NAME, export));

            assertEquals(
                    "mount 127.0.0.1:/srv: the server does not answer; the kernel goes on trying", first.getMessage());
            assertEquals(first.getMessage(), second.getMessage());
            assertEquals(List.of(), told, "it is not asked twice");
            answer.countDown();
            await(() -> volumes.find(NAME).isPresent());
            assertEquals(home.resolve("mounted/" + NAME), volumes.nfs(NAME, export));
        }
    }

    @Test
    void what_nobody_wants_any_more_is_taken_off_when_the_server_answers_at_last() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        volumes = new MountedVolumes(home.resolve("mounted"), blocking(answer), Duration.ofMillis(50));
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            NfsExport export = new NfsExport("127.0.0.1", "/srv", false, List.of("port=" + server.getLocalPort()));
            assertThrows(IOException.class, () -> volumes.nfs(NAME, export));

            volumes.detach(NAME);
            answer.countDown();

            await(() -> !told.isEmpty() && Files.notExists(home.resolve("mounted/" + NAME)));
            assertEquals(Optional.empty(), volumes.find(NAME));
        }
    }

    private NfsExport.Mounter blocking(CountDownLatch answer) {
        return (source, target, readOnly, options) -> {
            try {
                assertTrue(answer.await(20, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            note(source, target, readOnly, options);
        };
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.call()) {
            assertTrue(System.nanoTime() < deadline, "it did not happen");
            LockSupport.parkNanos(2_000_000);
        }
    }

    @Test
    void what_is_no_directory_of_a_server_is_refused() {
        for (String port : List.of("port=", "port=0", "port=65536", "port=http", "port=99999999999")) {
            assertThrows(
                    IllegalArgumentException.class, () -> new NfsExport("nas", "/srv", false, List.of(port)), port);
        }
        assertThrows(IllegalArgumentException.class, () -> new NfsExport("nas", "srv", false, List.of()));
        assertThrows(IllegalArgumentException.class, () -> new NfsExport("nas", "/srv", false, List.of("a,b")));
    }
}
