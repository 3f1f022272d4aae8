package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a registry does not bear: too many connections and uploads, and clients that take their time.
class RegistryLimitsTest {
    private static final String V2 = "/v2/acme/web";
    private static final byte[] BLOB = new byte[24 << 20];
    private static final Digest DIGEST = Digest.sha256(BLOB);
    private static final Limits FEW = new Limits(2, 2, Duration.ofSeconds(30), 1, 30L << 20, 1);
    private static final Limits HURRIED = new Limits(4, 2, Duration.ofMillis(800), 1L << 40, 30L << 20, 1);

    @TempDir
    Path root;

    private RegistryRig rig;

    private void open(Limits limits) throws IOException {
        rig = RegistryRig.open(root, limits);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void one_connection_too_many_is_closed_and_there_is_room_again_when_another_is_gone() throws Exception {
        open(FEW);
        try (Socket second = connected()) {
            try (Socket first = connected();
                    Socket third = connected()) {
                assertEquals(200, status(first));
                assertEquals(200, status(second));
                assertEquals(-1, status(third));
            }
            await("a connection to be free", () -> {
                try (Socket next = connected()) {
                    return status(next) == 200;
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }

    /// On HTTP/2 one connection carries many requests; in the clear nobody needs it.
    @Test
    void a_connection_in_the_clear_does_not_become_http_2() throws Exception {
        open(FEW);
        try (Socket socket = connected()) {
            socket.getOutputStream()
                    .write(("GET /v2/ HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                                    + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
                            .formatted(rig.host)
                            .getBytes(UTF_8));

            assertEquals("HTTP/1.1 200", new String(socket.getInputStream().readNBytes(12), UTF_8));
        }
    }

    @Test
    void a_connection_that_asks_nothing_is_closed_whatever_trickles_in() throws Exception {
        open(FEW);
        try (Socket idle = connected()) {
            assertEquals(200, status(idle));
            idle.getOutputStream().write("GET /v2/ HT".getBytes(UTF_8));
            idle.setSoTimeout(50);
            rig.expire();
            assertFalse(isOver(idle), "it is not idle for long");

            await("the connection to be closed", () -> {
                rig.pass(Duration.ofSeconds(31));
                rig.expire();
                return isOver(idle);
            });
        }
    }

    private static boolean isOver(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void one_upload_too_many_is_refused_until_another_is_over() throws Exception {
        open(FEW);
        String first = RegistryRig.location(rig.send("POST", V2 + "/blobs/uploads/"));
        RegistryRig.expect(202, rig.send("POST", V2 + "/blobs/uploads/"));

        HttpResponse<byte[]> refused = RegistryRig.expect(429, rig.send("POST", V2 + "/blobs/uploads/"));

        assertTrue(new String(refused.body(), UTF_8).contains("TOOMANYREQUESTS"));
        RegistryRig.expect(204, rig.send("DELETE", first));
        RegistryRig.expect(202, rig.send("POST", V2 + "/blobs/uploads/"));
    }

    @Test
    void a_blob_that_is_too_large_is_refused_before_it_is_sent_and_while_it_is() throws Exception {
        open(new Limits(10, 2, Duration.ofSeconds(30), 1, 1000, 1));
        String location = RegistryRig.location(rig.send("POST", V2 + "/blobs/uploads/"));
        byte[] half = new byte[600];

        RegistryRig.expect(413, rig.send("PATCH", location, new byte[1001]));
        RegistryRig.expect(202, rig.send("PATCH", location, half));
        HttpResponse<byte[]> refused = RegistryRig.expect(413, rig.send("PATCH", location, half));

        assertTrue(new String(refused.body(), UTF_8).contains("SIZE_INVALID"));
    }

    @Test
    void an_upload_goes_on_whoever_sets_the_clock() throws Exception {
        open(Limits.STANDARD);
        String location = RegistryRig.location(rig.send("POST", V2 + "/blobs/uploads/"));
        RegistryRig.expect(202, rig.send("PATCH", location, new byte[600]));

        rig.setClock(Duration.ofDays(1));
        rig.expire();
        RegistryRig.expect(202, rig.send("PATCH", location, new byte[600]));
        rig.setClock(Duration.ofDays(-1));
        rig.pass(Duration.ofMinutes(61));
        rig.expire();

        RegistryRig.expect(404, rig.send("PATCH", location, new byte[600]));
    }

    @Test
    void an_upload_that_drips_is_given_up_and_can_be_gone_on_with() throws Exception {
        open(HURRIED);
        String location = RegistryRig.location(rig.send("POST", V2 + "/blobs/uploads/"));
        URI target = rig.uri(location);
        try (Socket socket = connected()) {
            OutputStream out = socket.getOutputStream();
            out.write("PATCH %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000000\r\n\r\n"
                    .formatted(target.getPath(), target.getAuthority())
                    .getBytes(UTF_8));
            await("the registry to lose its patience", () -> {
                try {
                    out.write('x');
                    return false;
                } catch (IOException e) {
                    return true;
                }
            });
        }

        await("the upload to be free", () -> received(location) > 0);
    }

    private long received(String location) {
        try {
            return rig.send("GET", location)
                    .headers()
                    .firstValue("Range")
                    .map(range -> Long.parseLong(range.substring(2)))
                    .orElse(-1L);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_client_that_takes_nothing_of_what_it_wanted_is_given_up() throws Exception {
        open(new Limits(1, 2, HURRIED.patience(), HURRIED.slowestBytesPerSecond(), HURRIED.largestBlobBytes(), 1));
        rig.content.put(Descriptor.of(MediaType.OCI_LAYER, BLOB), BLOB);
        rig.repositories.lease(rig.view().own("acme/web"), DIGEST);
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(address());
            ask(socket, "GET " + V2 + "/blobs/" + DIGEST);

            await("the only connection to be free", () -> {
                try {
                    return exchange("GET /v2/").startsWith("HTTP/1.1 200");
                } catch (IOException e) {
                    return false;
                }
            });
            assertTrue(rest(socket.getInputStream()) < BLOB.length);
        }
    }

    @Test
    void what_is_being_sent_reaches_its_client_though_it_is_removed_meanwhile() throws Exception {
        open(FEW);
        byte[] bytes = "a blob that is deleted while it is sent".getBytes(UTF_8);
        Digest digest = rig.blob("acme/web", bytes);
        Blobs blobs = new Blobs(rig.view(), rig.content, new Mirrors(Set.of(), rig.pullThrough(FEW), name -> false));
        Request request = new Request("GET", "", Map.of(), Map.of(), "", InputStream.nullInputStream());
        Answer answer = blobs.read(
                request, rig.view().meant("acme/web", "", false), new Route.Blob("acme/web", digest.value()));

        RegistryRig.expect(202, rig.send("DELETE", V2 + "/blobs/" + digest));

        assertEquals(Set.of(), rig.content.list());
        try (Answer.Body body = answer.body()) {
            assertArrayEquals(bytes, ((Answer.Body.Stream) body).source().readAllBytes());
        }
    }

    private static long rest(InputStream stream) {
        long count = 0;
        byte[] chunk = new byte[1 << 16];
        try {
            for (int read = stream.read(chunk); read >= 0; read = stream.read(chunk)) {
                count += read;
            }
        } catch (IOException e) {
            // It was cut off.
            return count;
        }
        return count;
    }

    private InetSocketAddress address() {
        return new InetSocketAddress(rig.uri("/").getHost(), rig.uri("/").getPort());
    }

    private Socket connected() throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(20_000);
        socket.connect(address());
        return socket;
    }

    private void ask(Socket socket, String what) throws IOException {
        socket.getOutputStream()
                .write("%s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n"
                        .formatted(what, rig.host)
                        .getBytes(UTF_8));
    }

    /// The status of a request that has no body and whose answer is short; negative if there is none.
    private int status(Socket socket) throws IOException {
        ask(socket, "GET /v2/");
        byte[] head = new byte[4096];
        try {
            int count = socket.getInputStream().read(head);
            return count < 12 ? -1 : Integer.parseInt(new String(head, 9, 3, UTF_8));
        } catch (IOException e) {
            // A connection that was closed with something unread is reset.
            return -1;
        }
    }

    private String exchange(String what) throws IOException {
        try (Socket socket = connected()) {
            ask(socket, what);
            byte[] answer = new byte[4096];
            int count = socket.getInputStream().read(answer);
            return new String(Arrays.copyOf(answer, Math.max(0, count)), UTF_8);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "waited in vain for " + what);
            LockSupport.parkNanos(5_000_000);
        }
    }
}
