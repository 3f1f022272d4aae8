package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.door.pki.Pki;
import dev.slipway.door.pki.PkiSettings;
import java.io.IOException;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiListenersIT {
    @TempDir
    Path root;

    private RunningApi api;

    @BeforeEach
    void start() throws IOException {
        api = RunningApi.start(root);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    @DisplayName("S12 the unix socket answers whoever may open it, and only its owner may")
    void the_unix_socket_answers_its_owner() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(api.socket())));

        String answer = overSocket("GET /version HTTP/1.1\r\nHost: slipway\r\nConnection: close\r\n\r\n");

        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
        assertTrue(answer.contains("\"gitVersion\":\"v1.35.0+slipway.0.1.0\""), answer);
    }

    @Test
    void there_is_no_socket_before_tls_answers(@TempDir Path elsewhere) throws Exception {
        int taken = api.uri("/").getPort();
        try (WatchService watch = elsewhere.getFileSystem().newWatchService()) {
            elsewhere.register(watch, StandardWatchEventKinds.ENTRY_CREATE);

            assertThrows(IOException.class, () -> RunningApi.start(elsewhere, "127.0.0.1", taken));

            Files.createFile(elsewhere.resolve("end"));
            Set<String> made = new HashSet<>();
            while (!made.contains("end")) {
                WatchKey key = Objects.requireNonNull(watch.poll(20, TimeUnit.SECONDS));
                key.pollEvents().forEach(event -> made.add(String.valueOf(event.context())));
                key.reset();
            }
            assertFalse(made.contains("api.sock"), made.toString());
        }
    }

    @Test
    void a_socket_that_a_crash_left_is_replaced() throws IOException {
        api.close();
        ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        left.bind(UnixDomainSocketAddress.of(api.socket()));
        left.close();

        api = RunningApi.start(root);

        assertTrue(overSocket("GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                .endsWith("ok"));
    }

    @Test
    @DisplayName("S11 a client certificate or the token opens TLS, over HTTP/2")
    void a_certificate_or_the_token_opens_tls() throws Exception {
        HttpResponse<String> byCertificate = api.send(api.administrator(), HttpRequest.newBuilder(api.uri("/version")));
        HttpResponse<String> byToken = api.send(
                api.stranger(),
                HttpRequest.newBuilder(api.uri("/version"))
                        .header("Authorization", "Bearer " + api.credentials().token()));

        assertEquals(200, byCertificate.statusCode());
        assertEquals(HttpClient.Version.HTTP_2, byCertificate.version());
        assertEquals(200, byToken.statusCode());
    }

    @Test
    @DisplayName("S11 without a credential nothing is answered on TCP")
    void without_a_credential_nothing_is_answered() throws Exception {
        for (String path : new String[] {"/version", "/livez", "/metrics", "/api", "/nowhere"}) {
            HttpResponse<String> response = api.send(api.stranger(), HttpRequest.newBuilder(api.uri(path)));

            assertEquals(401, response.statusCode(), path);
            assertTrue(response.body().contains("\"reason\":\"Unauthorized\""), response.body());
        }
        HttpResponse<String> wrong = api.send(
                api.stranger(), HttpRequest.newBuilder(api.uri("/version")).header("Authorization", "Bearer guess"));
        assertEquals(401, wrong.statusCode());
    }

    @Test
    void a_client_certificate_of_another_authority_is_refused(@TempDir Path elsewhere) throws Exception {
        try (RunningApi other = RunningApi.start(elsewhere)) {
            assertThrows(
                    IOException.class,
                    () -> api.send(other.administrator(), HttpRequest.newBuilder(api.uri("/version"))));
        }
    }

    @Test
    void renewed_certificates_are_taken_into_use_without_a_restart(@TempDir Path elsewhere) throws Exception {
        HttpClient before = api.administrator();
        api.send(before, HttpRequest.newBuilder(api.uri("/version")));
        PkiSettings settings = new PkiSettings(
                elsewhere.resolve("pki"),
                elsewhere.resolve("kubeconfig"),
                api.uri("/").toString(),
                List.of());

        api.renew(new Pki(settings, InstantSource.system()).current());

        HttpResponse<String> after = api.send(api.administrator(), HttpRequest.newBuilder(api.uri("/version")));
        assertEquals(200, after.statusCode());
        assertEquals(HttpClient.Version.HTTP_2, after.version());
    }

    @Test
    void plain_http_on_the_tls_port_gets_no_answer() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", api.port())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream()
                    .write("GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);

            assertTrue(!answer.contains("HTTP/1.1 200"), answer);
        }
    }

    @Test
    void a_web_page_cannot_drive_the_api() throws Exception {
        HttpResponse<String> foreignOrigin = api.send(
                api.administrator(),
                HttpRequest.newBuilder(api.uri("/version")).header("Origin", "https://evil.example"));
        HttpResponse<String> form = api.send(
                api.administrator(),
                HttpRequest.newBuilder(api.uri("/api/v1/namespaces"))
                        .header("Content-Type", "text/plain")
                        .POST(BodyPublishers.ofString("{}")));
        String rebound = overSocket("GET /version HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\n\r\n");

        assertEquals(403, foreignOrigin.statusCode());
        assertEquals(415, form.statusCode());
        assertTrue(rebound.startsWith("HTTP/1.1 403 "), rebound);
    }

    @Test
    void a_foreign_host_name_is_refused_on_tls() throws Exception {
        Process curl = new ProcessBuilder(
                        "curl",
                        "-sk",
                        "-o",
                        "/dev/null",
                        "-w",
                        "%{http_code}",
                        "-H",
                        "Host: evil.example",
                        "-H",
                        "Authorization: Bearer " + api.credentials().token(),
                        api.uri("/version").toString())
                .start();

        assertEquals("403", new String(curl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
    }

    @Test
    void a_body_that_is_too_large_is_refused() throws Exception {
        HttpResponse<String> response = api.send(
                api.administrator(),
                HttpRequest.newBuilder(api.uri("/api/v1/namespaces"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(new byte[2 * 1024 * 1024])));

        assertEquals(413, response.statusCode());
        assertTrue(response.body().contains("RequestEntityTooLarge"), response.body());
    }

    @Test
    void an_unknown_path_is_answered_with_a_status() throws Exception {
        HttpResponse<String> response = api.send(api.administrator(), HttpRequest.newBuilder(api.uri("/nowhere")));

        assertEquals(404, response.statusCode());
        assertTrue(response.body().contains("\"kind\":\"Status\""), response.body());
    }

    @Test
    void a_check_that_fails_makes_the_engine_unready_and_not_dead() throws Exception {
        assertEquals("200 ok", answer("/readyz"));
        assertEquals("200 [+]ping ok\n[+]object-store ok\nreadyz check passed\n", answer("/readyz?verbose"));

        api.trouble("the disk is full");

        assertEquals(
                "500 [+]ping ok\n[-]object-store failed: the disk is full\nreadyz check failed\n", answer("/readyz"));
        assertEquals("500 internal server error: the disk is full\n", answer("/readyz/object-store"));
        assertEquals("200 ok", answer("/readyz?exclude=object-store"));
        assertEquals("200 ok", answer("/readyz/ping"));
        assertTrue(answer("/healthz").startsWith("500 "), answer("/healthz"));
        assertEquals("200 [+]ping ok\nlivez check passed\n", answer("/livez?verbose"));
        assertTrue(answer("/readyz/nothing").startsWith("404 "), answer("/readyz/nothing"));
    }

    private String answer(String path) throws Exception {
        HttpResponse<String> response = api.send(api.administrator(), HttpRequest.newBuilder(api.uri(path)));
        return response.statusCode() + " " + response.body();
    }

    @Test
    void metrics_tell_what_the_engine_costs_and_what_was_asked() throws Exception {
        api.send(api.administrator(), HttpRequest.newBuilder(api.uri("/version")));

        String metrics = api.send(api.administrator(), HttpRequest.newBuilder(api.uri("/metrics")))
                .body();

        assertTrue(metrics.contains("# TYPE process_resident_memory_bytes gauge\n"), metrics);
        assertTrue(metrics.contains("slipway_api_requests_total{method=\"GET\",code=\"200\"} 1\n"), metrics);
    }

    private String overSocket(String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(api.socket()));
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(64 * 1024);
            while (channel.read(answer) > 0 && answer.hasRemaining() && !complete(answer)) {
                continue;
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        }
    }

    private static boolean complete(ByteBuffer answer) {
        String text = new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        int head = text.indexOf("\r\n\r\n");
        if (head < 0) {
            return false;
        }
        int length = text.toLowerCase(java.util.Locale.ROOT).indexOf("content-length: ");
        int end = text.indexOf('\r', length);
        return length > 0 && text.length() >= head + 4 + Integer.parseInt(text.substring(length + 16, end));
    }
}
