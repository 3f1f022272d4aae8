package dev.slipway.actor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Against an HTTP/2 server that somebody else has written.
class GrpcCheckTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final GrpcCheck check = new GrpcCheck("kube-probe/1.35");
    private Vertx vertx;
    private Consumer<HttpServerRequest> behaviour = request -> serving(request, 1);
    private volatile String asked = "";
    private int port;

    @BeforeEach
    void open() throws Exception {
        vertx = Vertx.vertx();
        HttpServer server = vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    asked = request.method() + " " + request.path() + " " + request.getHeader("user-agent") + " "
                            + request.getHeader("te") + " " + body.getString(5, body.length());
                    behaviour.accept(request);
                }));
        port = server.listen(0, LOOPBACK)
                .toCompletionStage()
                .toCompletableFuture()
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .actualPort();
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void who_serves_is_healthy() {
        assertInstanceOf(Finding.Healthy.class, ask(""));
        assertEquals("POST /grpc.health.v1.Health/Check kube-probe/1.35 trailers ", asked);
    }

    @Test
    void a_service_is_asked_for_by_name() {
        ask("shop.Orders");

        assertTrue(asked.endsWith("\n\u000bshop.Orders"), asked);
    }

    @Test
    void who_does_not_serve_is_not() {
        behaviour = request -> serving(request, 2);

        assertEquals(new Finding.Unhealthy("service unhealthy (responded with \"NOT_SERVING\")"), ask(""));
    }

    @Test
    void a_service_that_nobody_knows_is_an_error() {
        behaviour = request -> refusing(request, 5, "unknown service %22x%22");

        assertEquals(
                new Finding.Unhealthy(
                        "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service \"x\""),
                ask("x"));
    }

    @Test
    void a_server_without_the_protocol_is_told_so() {
        behaviour = request -> refusing(request, 12, "nothing of the kind");

        assertEquals(
                new Finding.Unhealthy("error: this server does not implement the grpc health protocol"
                        + " (grpc.health.v1.Health): nothing of the kind"),
                ask(""));
    }

    @Test
    void what_is_http_and_no_grpc_is_an_error() {
        behaviour = request -> request.response().setStatusCode(404).end("not here");

        String message = assertInstanceOf(Finding.Unhealthy.class, ask("")).message();

        assertTrue(message.contains("unexpected HTTP status code received from server: 404"), message);
    }

    @Test
    void who_does_not_answer_is_late() {
        behaviour = request -> {};

        assertEquals(
                new Finding.Unhealthy("timeout: health rpc did not complete within 1s"),
                check.ask(new Check.Grpc(port, ""), LOOPBACK, Duration.ofSeconds(1)));
    }

    @Test
    void nobody_there_is_told_at_once() throws IOException {
        int free;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
            free = closed.getLocalPort();
        }

        Finding finding = check.ask(new Check.Grpc(free, ""), LOOPBACK, LIMIT);

        assertEquals(
                new Finding.Unhealthy("error: failed to connect service at \"127.0.0.1:%1$d\": dial tcp 127.0.0.1:%1$d:"
                                .formatted(free)
                        + " connect: connection refused"),
                finding);
    }

    private Finding ask(String service) {
        return check.ask(new Check.Grpc(port, service), LOOPBACK, LIMIT);
    }

    private static void serving(HttpServerRequest request, int status) {
        byte[] message = {0, 0, 0, 0, 2, 8, (byte) status};
        request.response()
                .putHeader("content-type", "application/grpc")
                .putTrailer("grpc-status", "0")
                .end(Buffer.buffer(message));
    }

    /// Without a message: all in the headers, as servers do.
    private static void refusing(HttpServerRequest request, int code, String words) {
        request.response()
                .putHeader("content-type", "application/grpc")
                .putHeader("x-long", new String(new byte[300], StandardCharsets.US_ASCII).replace('\0', 'x'))
                .putHeader("grpc-status", Integer.toString(code))
                .putHeader("grpc-message", words)
                .end();
    }
}
