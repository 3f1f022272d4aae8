package dev.slipway.door.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
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

    /// A client whose server gives `answer` to the first request and closes.
    private EngineClient answering(String answer) throws IOException {
        Path socket = folder.resolve("engine.sock");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(() -> {
            try (server;
                    SocketChannel client = server.accept()) {
                client.read(ByteBuffer.allocate(4096));
                client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return new EngineClient(socket);
    }
}
