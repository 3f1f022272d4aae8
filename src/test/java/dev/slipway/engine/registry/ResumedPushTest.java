package dev.slipway.engine.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Repository;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Uploads to a registry whose connections break.
class ResumedPushTest {
    private static final Patience QUICK =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 3, Duration.ofMillis(5), Duration.ofSeconds(1));
    private static final byte[] BLOB = bytes(20 << 20);
    private static final Descriptor DESCRIPTOR = Descriptor.of(MediaType.OCI_LAYER, BLOB);

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final List<String> requests = new ArrayList<>();
    private final RegistryClient client = new RegistryClient(RegistrySettings.STANDARD, QUICK);
    private HttpServer server;
    private int failures;
    private int keptOfFailed;
    private boolean finished;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
        client.close();
    }

    @Test
    void a_chunk_that_came_in_part_is_gone_on_with() throws IOException {
        failures = 1;
        keptOfFailed = 3 << 20;

        BlobPush.Sent sent = push();

        assertEquals(BlobPush.Sent.UPLOADED, sent);
        assertTrue(finished);
        assertArrayEquals(BLOB, received.toByteArray());
        assertTrue(requests.contains("PATCH " + keptOfFailed), requests::toString);
    }

    @Test
    void a_chunk_of_which_nothing_came_is_sent_again() throws IOException {
        failures = 2;

        push();

        assertArrayEquals(BLOB, received.toByteArray());
    }

    @Test
    void a_registry_that_takes_nothing_is_given_up() {
        failures = 100;

        RegistryException failure = assertThrows(RegistryException.class, this::push);

        assertEquals(RegistryException.Kind.UNREACHABLE, failure.kind());
        assertEquals(0, received.size());
    }

    private BlobPush.Sent push() throws IOException {
        Repository repository =
                new Repository("127.0.0.1:" + server.getAddress().getPort(), "acme/web");
        BlobPush.Source source = offset -> new ByteArrayInputStream(BLOB, (int) offset, BLOB.length - (int) offset);
        return client.push(repository, DESCRIPTOR, source, Optional.empty(), Keyring.EMPTY);
    }

    private void answer(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Location", "/upload");
        exchange.getResponseHeaders().set("Range", "0-" + Math.max(0, received.size() - 1));
        switch (exchange.getRequestMethod()) {
            case "HEAD" -> exchange.sendResponseHeaders(404, -1);
            case "POST" -> exchange.sendResponseHeaders(202, -1);
            case "GET" -> exchange.sendResponseHeaders(204, -1);
            default -> take(exchange);
        }
        exchange.close();
    }

    private void take(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Content-Range");
        requests.add(exchange.getRequestMethod() + " " + (range == null ? "" : range.replaceFirst("-.*", "")));
        boolean follows = range == null || range.startsWith(received.size() + "-");
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (!follows) {
            exchange.sendResponseHeaders(416, -1);
        } else if (failures > 0) {
            failures--;
            received.write(body, 0, keptOfFailed);
            exchange.getResponseHeaders().set("Range", "0-" + Math.max(0, received.size() - 1));
            exchange.sendResponseHeaders(503, -1);
        } else {
            received.write(body);
            finished = exchange.getRequestMethod().equals("PUT");
            exchange.getResponseHeaders().set("Range", "0-" + (received.size() - 1));
            exchange.sendResponseHeaders(finished ? 201 : 202, -1);
        }
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(3).nextBytes(bytes);
        return bytes;
    }
}
