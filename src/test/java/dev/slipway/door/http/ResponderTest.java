package dev.slipway.door.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ResponderTest {
    private final Vertx vertx = Vertx.vertx();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private final AtomicBoolean held = new AtomicBoolean();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /// Its head is gone already, which is found out on the event loop.
    @Test
    void an_upgrade_that_fails_ends_the_request_and_the_connection() throws Exception {
        HttpServer server = vertx.createHttpServer().requestHandler(request -> {
            request.response().setChunked(true).write("begun");
            Thread.ofVirtual().start(() -> upgrade(request));
        });
        int port = server.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS)
                .actualPort();
        try (Socket client = new Socket("127.0.0.1", port)) {
            client.setSoTimeout(20_000);
            client.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            InputStream answer = client.getInputStream();
            String text = new String(answer.readAllBytes(), StandardCharsets.US_ASCII);

            assertTrue(text.contains("begun"), text);
            assertTrue(ended.get(20, TimeUnit.SECONDS).isEmpty(), ended::join);
            assertFalse(held.get());
        }
    }

    private void upgrade(HttpServerRequest request) {
        Reply.Upgrade.Spdy spdy = new Reply.Upgrade.Spdy("v4.channel.k8s.io", new byte[0]);
        try {
            new Responder(Duration.ofMinutes(5))
                    .send(request, new Reply.Upgrade(socket -> held.set(true), Optional.of(spdy)));
            ended.complete("");
        } catch (InterruptedException | RuntimeException e) {
            ended.complete(e.toString());
        }
    }
}
