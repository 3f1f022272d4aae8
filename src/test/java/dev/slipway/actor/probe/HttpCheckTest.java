package dev.slipway.actor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpCheckTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String LOOPBACK = "127.0.0.1";

    private final HttpCheck check = new HttpCheck("kube-probe/1.35");
    private final Map<String, String> headers = new ConcurrentHashMap<>();
    private HttpServer server;

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
            headers.put("target", exchange.getRequestURI().toString());
            if (path.startsWith("/to/")) {
                exchange.getResponseHeaders()
                        .set("Location", exchange.getRequestURI().getQuery());
            }
            byte[] body = "body of the answer".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(Integer.parseInt(path.replaceAll(".*/", "")), body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    @ParameterizedTest
    @CsvSource({"200", "201", "299"})
    void these_are_good(String status) {
        assertInstanceOf(Finding.Healthy.class, ask("/" + status));
    }

    @ParameterizedTest
    @CsvSource({"400", "404", "500", "503"})
    void these_are_bad_and_say_nothing_of_their_body(String status) {
        assertEquals(new Finding.Unhealthy("HTTP probe failed with statuscode: " + status), ask("/" + status));
    }

    @Test
    void a_redirect_on_the_same_host_is_followed_to_its_end() {
        assertInstanceOf(Finding.Healthy.class, ask("/to/302?/200"));
        assertInstanceOf(Finding.Unhealthy.class, ask("/to/301?/500"));
    }

    @Test
    void a_redirect_to_somebody_else_is_good_and_told() {
        Finding finding = ask("/to/302?http://example.invalid/200");

        assertEquals(new Finding.Doubtful("Probe terminated redirects, Response body: body of the answer"), finding);
    }

    @Test
    void a_redirect_to_itself_ends_after_ten() {
        String path = "/to/302?/to/302%3Fx";
        server.removeContext("/");
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Location", "/again");
            exchange.sendResponseHeaders(307, -1);
            exchange.close();
        });

        Finding finding = ask(path);

        assertEquals(
                new Finding.Unhealthy("Get \"http://127.0.0.1:%d/again\": stopped after 10 redirects"
                        .formatted(server.getAddress().getPort())),
                finding);
    }

    @Test
    void it_says_who_it_is_and_what_the_manifest_says() {
        ask("200?a=b c#d", new Check.Header("Host", "shop.example"), new Check.Header("X-Token", "t"));

        assertEquals("/200?a=b%20c", headers.get("target"));
        assertEquals("shop.example", headers.get("Host"));
        assertEquals("kube-probe/1.35", headers.get("User-agent"));
        assertEquals("*/*", headers.get("Accept"));
        assertEquals("t", headers.get("X-token"));
    }

    @Test
    void a_header_that_is_empty_in_the_manifest_is_not_sent() {
        ask("/200", new Check.Header("user-agent", ""));

        assertEquals(null, headers.get("User-agent"));
    }

    @Test
    void a_header_cannot_smuggle_another_request() {
        Finding finding = ask("/200", new Check.Header("X", "a\r\nY: b"));

        assertInstanceOf(Finding.Unhealthy.class, finding);
        assertEquals(Map.of(), headers);
    }

    @Test
    void nobody_there_is_told_as_the_kubelet_tells_it() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
            port = closed.getLocalPort();
        }

        Finding finding = check.ask(new Check.HttpGet(false, "", port, "/x", List.of()), LOOPBACK, LIMIT);

        assertEquals(
                new Finding.Unhealthy(
                        "Get \"http://127.0.0.1:%1$d/x\": dial tcp 127.0.0.1:%1$d: connect:".formatted(port)
                                + " connection refused"),
                finding);
    }

    @Test
    void a_silent_server_is_late() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
            Finding finding = check.ask(
                    new Check.HttpGet(false, "", silent.getLocalPort(), "/", List.of()),
                    LOOPBACK,
                    Duration.ofMillis(50));

            String message = assertInstanceOf(Finding.Unhealthy.class, finding).message();
            assertTrue(
                    message.endsWith("context deadline exceeded (Client.Timeout exceeded while awaiting headers)"),
                    message);
        }
    }

    @Test
    void what_is_no_http_is_bad() throws IOException {
        try (ServerSocket odd = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
            Thread.startVirtualThread(() -> {
                try (Socket client = odd.accept()) {
                    client.getOutputStream().write("SSH-2.0-x\r\n".getBytes(StandardCharsets.US_ASCII));
                    client.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    // The test has seen what it came for.
                    return;
                }
            });

            Finding finding =
                    check.ask(new Check.HttpGet(false, "", odd.getLocalPort(), "/", List.of()), LOOPBACK, LIMIT);

            assertTrue(finding.toString().contains("malformed HTTP response"), finding::toString);
        }
    }

    @Test
    void for_a_hook_every_answer_will_do() {
        Check.HttpGet get = new Check.HttpGet(false, "", server.getAddress().getPort(), "/500", List.of());

        assertInstanceOf(Finding.Healthy.class, check.tell(get, LOOPBACK, LIMIT));
    }

    private Finding ask(String path, Check.Header... with) {
        return check.ask(
                new Check.HttpGet(false, "", server.getAddress().getPort(), path, List.of(with)), LOOPBACK, LIMIT);
    }
}
