package dev.slipway.door.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class EngineClientTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void a_chunked_answer_is_put_together() throws IOException {
        String answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n2;x=y\r\n1}\r\n0\r\n\r\n";

        assertEquals(1, answering(answer).json("/x").path("a").asInt());
    }

    @Test
    void a_failure_tells_the_reason_and_message_of_its_status() throws IOException {
        String body = "{\"reason\":\"NotFound\",\"message\":\"pods \\\"x\\\" not found\"}";
        String answer = "HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n%s".formatted(body.length(), body);
        EngineClient engine = answering(answer);

        ServerRefusedException refused = assertThrows(ServerRefusedException.class, () -> engine.json("/x"));

        assertEquals("NotFound: pods \"x\" not found", refused.getMessage());
        assertTrue(refused.isNotFound());
    }

    @Test
    void an_answer_that_ends_early_is_an_error() throws IOException {
        EngineClient engine = answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}");

        assertThrows(EOFException.class, () -> engine.json("/x"));
    }

    @Test
    void without_an_engine_the_message_says_how_to_start_one() {
        EngineClient engine = new EngineClient(folder.resolve("nobody.sock"));

        EngineUnreachableException failure = assertThrows(EngineUnreachableException.class, () -> engine.json("/x"));

        assertTrue(failure.getMessage().contains("slipway up DIR"), failure.getMessage());
    }

    @Test
    @Timeout(20)
    void an_answer_that_comes_while_a_body_is_sent_is_the_answer() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        EngineClient engine = serving(client -> {
            client.read(ByteBuffer.allocate(4096));
            write(client, "HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nbusy");
            over.await();
        });

        try (EngineResponse response = engine.upload("PUT", "/x", "application/x-tar", endless())) {
            assertEquals(409, response.status());
            assertEquals("busy", new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
        } finally {
            over.countDown();
        }
    }

    @Test
    @Timeout(20)
    void a_body_that_cannot_be_read_ends_the_request_and_is_no_success() throws IOException {
        EngineClient engine = serving(client -> {
            ByteBuffer bytes = ByteBuffer.allocate(4096);
            while (client.read(bytes.clear()) >= 0) {
                assertFalse(text(bytes).contains("0\r\n\r\n"), "the body looks whole");
            }
            write(client, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("disk lost");
            }
        };

        IOException failure =
                assertThrows(IOException.class, () -> engine.upload("PUT", "/x", "application/x-tar", broken));

        assertEquals("disk lost", failure.getMessage());
    }

    private static InputStream endless() {
        return new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        };
    }

    /// What a server does with its first connection, which then is closed.
    @FunctionalInterface
    private interface Serving {
        void of(SocketChannel client) throws IOException, InterruptedException;
    }

    /// A client whose server gives `answer` to the first request and closes.
    private EngineClient answering(String answer) throws IOException {
        return serving(client -> {
            client.read(ByteBuffer.allocate(4096));
            write(client, answer);
        });
    }

    private EngineClient serving(Serving serving) throws IOException {
        Path socket = folder.resolve("engine.sock");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(() -> {
            try (server;
                    SocketChannel client = server.accept()) {
                serving.of(client);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return new EngineClient(socket);
    }

    private static void write(SocketChannel client, String text) throws IOException {
        client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String text(ByteBuffer bytes) {
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }
}
