package dev.slipway.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MessageSocketTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int BINARY = 0x82;
    private static final int PING = 0x89;
    private static final int PONG = 0x8a;

    private final Vertx vertx = Vertx.vertx();
    private final CompletableFuture<MessageSocket> accepted = new CompletableFuture<>();
    private HttpServer server;
    private Socket client;
    private DataInputStream fromServer;

    @BeforeEach
    void connect() throws Exception {
        server = vertx.createHttpServer()
                .requestHandler(request -> MessageSocket.accept(request, vertx).onSuccess(accepted::complete))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        client = new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
        fromServer = new DataInputStream(client.getInputStream());
        client.getOutputStream().write("""
                        GET / HTTP/1.1\r
                        Host: localhost\r
                        Connection: Upgrade\r
                        Upgrade: websocket\r
                        Sec-WebSocket-Version: 13\r
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                        \r
                        """.getBytes(StandardCharsets.US_ASCII));
        String head = "";
        while (!head.endsWith("\r\n\r\n")) {
            head += (char) fromServer.readByte();
        }
        assertTrue(head.startsWith("HTTP/1.1 101 "), head);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void a_client_that_pings_loses_no_message_to_a_slow_reader() throws Exception {
        MessageSocket socket = accepted.get(10, TimeUnit.SECONDS);
        for (int i = 0; i < 20; i++) {
            send(frame(PING, i));
            assertEquals(PONG, heard(LIMIT));
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 60; i++) {
            all.writeBytes(frame(BINARY, i));
        }
        all.writeBytes(frame(PING, 0));
        send(all.toByteArray());
        // With a window that is kept, this ping waits behind the messages for the reader.
        assertEquals(-1, heard(Duration.ofMillis(300)));

        List<Integer> received = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            received.add((int) socket.receive(LIMIT).orElseThrow().payload().get());
        }

        assertEquals(IntStream.range(0, 60).boxed().toList(), received);
        assertEquals(PONG, heard(LIMIT));
    }

    /// A frame with one byte, masked with zeros.
    private static byte[] frame(int kind, int content) {
        return new byte[] {(byte) kind, (byte) 0x81, 0, 0, 0, 0, (byte) content};
    }

    private void send(byte[] bytes) throws IOException {
        client.getOutputStream().write(bytes);
    }

    /// The kind of the next frame, or -1 when none has come within `limit`.
    private int heard(Duration limit) throws IOException {
        client.setSoTimeout((int) limit.toMillis());
        try {
            int kind = fromServer.readUnsignedByte();
            fromServer.readNBytes(fromServer.readUnsignedByte());
            return kind;
        } catch (SocketTimeoutException e) {
            return -1;
        }
    }
}
