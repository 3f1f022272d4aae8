package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that lie, break off, or come all at once, and what they leave behind.
class HostileClientTest {
    private static final String V2 = "/v2/acme/web";
    private static final byte[] BLOB = "a blob of some bytes".repeat(20_000).getBytes(UTF_8);
    private static final Digest DIGEST = Digest.sha256(BLOB);

    @TempDir
    Path root;

    private RegistryRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = RegistryRig.open(root);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void bytes_of_another_digest_are_refused_and_leave_nothing() throws Exception {
        byte[] other = BLOB.clone();
        other[7] ^= 1;
        String location = RegistryRig.location(rig.send("POST", V2 + "/blobs/uploads/"));

        HttpResponse<byte[]> response = RegistryRig.expect(400, rig.send("PUT", location + "?digest=" + DIGEST, other));

        assertTrue(new String(response.body(), UTF_8).contains("DIGEST_INVALID"));
        assertEquals(404, rig.send("GET", location).statusCode());
        assertEquals(404, rig.send("GET", V2 + "/blobs/" + DIGEST).statusCode());
        assertEquals(List.of(), rig.partials());
        assertEquals(Set.of(), rig.content.list());
    }

    @Test
    void who_announces_a_digest_gets_no_right_to_the_bytes_of_another_repository() throws Exception {
        rig.blob("secret/app", BLOB);

        RegistryRig.expect(
                400, rig.send("POST", V2 + "/blobs/uploads/?digest=" + DIGEST, "something else".getBytes(UTF_8)));

        assertEquals(404, rig.send("GET", V2 + "/blobs/" + DIGEST).statusCode());
        assertEquals(200, rig.send("GET", "/v2/secret/app/blobs/" + DIGEST).statusCode());
    }

    @Test
    void an_upload_that_breaks_off_is_gone_on_with_or_gone_an_hour_later() throws Exception {
        String location = RegistryRig.location(rig.send("POST", V2 + "/blobs/uploads/"));
        breakOff(location);
        String range = awaitRange(location);
        long offset = Long.parseLong(range.substring(2)) + 1;

        byte[] rest = Arrays.copyOfRange(BLOB, (int) offset, BLOB.length);
        RegistryRig.expect(201, rig.send("PUT", location + "?digest=" + DIGEST, rest));
        assertArrayEquals(BLOB, rig.send("GET", V2 + "/blobs/" + DIGEST).body());

        String another = RegistryRig.location(rig.send("POST", V2 + "/blobs/uploads/"));
        breakOff(another);
        awaitRange(another);
        rig.pass(Duration.ofMinutes(61));
        rig.expire();

        assertEquals(404, rig.send("GET", another).statusCode());
        assertEquals(List.of(), rig.partials());
        assertEquals(Set.of(), rig.content.list());
    }

    /// Sends half of the body that it announces, and closes the connection.
    private void breakOff(String location) throws Exception {
        URI target = rig.uri(location);
        try (Socket socket = new Socket(target.getHost(), target.getPort())) {
            OutputStream out = socket.getOutputStream();
            String head = "PATCH %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n"
                    .formatted(target.getPath(), target.getAuthority(), BLOB.length);
            out.write(head.getBytes(UTF_8));
            out.write(BLOB, 0, BLOB.length / 2);
            out.flush();
            // Half of it must have been taken before the end is seen.
            awaitBytes();
        }
    }

    private void awaitBytes() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (rig.partials().stream().noneMatch(file -> file.toFile().length() > 0)) {
            assertTrue(System.nanoTime() < deadline, "nothing of the upload has come");
            LockSupport.parkNanos(1_000_000);
        }
    }

    /// What is here of an upload, once its broken request is over.
    private String awaitRange(String location) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            HttpResponse<byte[]> status = rig.send("GET", location);
            if (status.statusCode() == 204) {
                return status.headers().firstValue("Range").orElseThrow();
            }
            assertTrue(System.nanoTime() < deadline, "the upload is still " + status.statusCode());
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void one_blob_that_many_upload_at_once_is_there_once() throws Exception {
        List<Future<HttpResponse<byte[]>>> all = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
            Callable<HttpResponse<byte[]>> client =
                    () -> rig.send("POST", V2 + "/blobs/uploads/?digest=" + DIGEST, BLOB);
            for (int i = 0; i < 8; i++) {
                all.add(clients.submit(client));
            }
            for (Future<HttpResponse<byte[]>> each : all) {
                RegistryRig.expect(201, each.get());
            }
        }

        assertArrayEquals(BLOB, rig.send("GET", V2 + "/blobs/" + DIGEST).body());
        assertEquals(Set.of(DIGEST), rig.content.list());
        assertEquals(List.of(), rig.partials());
    }

    @Test
    void a_manifest_that_is_too_large_or_none_at_all_is_refused_and_leaves_nothing() throws Exception {
        byte[] huge = new byte[ManifestCodec.LARGEST_BYTES + 1];
        Arrays.fill(huge, (byte) ' ');

        assertEquals(
                413,
                rig.manifest("acme/web", "v1", MediaType.OCI_MANIFEST, huge).statusCode());
        for (String wrong : List.of("", "{", "[]", "{\"schemaVersion\":1}", "{\"schemaVersion\":2}")) {
            assertEquals(
                    400,
                    rig.manifest("acme/web", "v1", MediaType.OCI_MANIFEST, wrong.getBytes(UTF_8))
                            .statusCode(),
                    wrong);
        }
        assertEquals(
                400,
                rig.manifest(
                                "acme/web",
                                DIGEST.value(),
                                MediaType.OCI_MANIFEST,
                                ServedImage.of("web").manifest())
                        .statusCode());
        assertEquals(Set.of(), rig.content.list());
        assertEquals(Set.of(), rig.repositories.list());
    }

    @Test
    void a_blob_that_no_manifest_comes_for_is_gone_an_hour_later_and_one_that_is_needed_stays() throws Exception {
        ServedImage image = ServedImage.of("web");
        image.push(rig, "acme/web", "v1");
        rig.blob("acme/web", BLOB);

        rig.pass(Duration.ofMinutes(61));
        rig.expire();

        assertEquals(404, rig.send("GET", V2 + "/blobs/" + DIGEST).statusCode());
        assertEquals(
                Set.of(image.digest(), Digest.sha256(image.config()), Digest.sha256(image.layer())),
                rig.content.list());
    }

    @Test
    void names_that_lead_elsewhere_are_refused() throws Exception {
        for (String path : List.of(
                "/v2/../../etc/manifests/passwd", "/v2/a/%2e%2e/b/tags/list", "/v2/_x/tags/list", "/v2//tags/list")) {
            int status = rig.send("GET", path).statusCode();
            assertTrue(status == 400 || status == 404, path + " is answered " + status);
        }
    }

    @Test
    void a_malformed_path_or_query_is_answered_and_the_connection_lives_on() throws Exception {
        URI target = rig.uri("/");
        try (Socket socket = new Socket(target.getHost(), target.getPort())) {
            socket.setSoTimeout(20_000);
            assertEquals(400, status(socket, V2 + "/tags/list?n=%zz"));
            assertEquals(404, status(socket, V2 + "/tags/list%zz"));
            assertEquals(400, status(socket, V2 + "/blobs/uploads/?digest=%"));
            assertEquals(400, status(socket, "/v2/_catalog?n=-1"));
            assertEquals(404, status(socket, V2 + "/tags/list?&&=&n&ns=%00"));
            assertEquals(200, status(socket, "/v2/?a=b=c&&d"));
        }
    }

    private static int status(Socket socket, String path) throws Exception {
        socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: registry\r\n\r\n").getBytes(UTF_8));
        byte[] answer = new byte[8192];
        int count = 0;
        String text = "";
        // All answers here have a short body, which ends with a brace.
        while (!text.contains("\r\n\r\n") || !text.endsWith("}")) {
            count += socket.getInputStream().read(answer, count, answer.length - count);
            text = new String(answer, 0, count, UTF_8);
        }
        return Integer.parseInt(text.substring(9, 12));
    }

    @Test
    void a_page_in_a_browser_cannot_use_it() throws Exception {
        assertEquals(
                403,
                rig.send("POST", V2 + "/blobs/uploads/", "Origin", "http://attacker.example")
                        .statusCode());
    }
}
