package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Sessions as clients other than kubectl speak them: the older channel protocols, paths below Containers, a client
/// that does not read.
@ExtendWith(SharedEngine.class)
@Timeout(120)
class RawSessionsIT {
    private static final String POD = "/api/v1/namespaces/default/pods/rawsessions/exec?stdout=true&stderr=true";
    private static final String SCRIPT =
            "&command=/bin/busybox&command=sh&command=-c&command=echo%20out%3Becho%20bad%20%3E%262%3Bexit%203";
    private static final String BLOCK = "&command=/bin/busybox&command=cat&command=/dev/zero&command=/rawsessions";
    private static final long MOST_UNDER_WAY = 16 << 20;
    private static final int LOOKS = 25;

    private static Sample box;
    private static HttpClient client;

    @BeforeAll
    static void start(EngineProcess engine) throws Exception {
        client = TlsClient.of(engine);
        box = Sample.container("rawsessions", "while true; do /bin/busybox sleep 0.2; done")
                .in(engine)
                .running(engine);
    }

    @AfterAll
    static void end(EngineProcess engine) {
        box.delete(engine);
        client.close();
    }

    @Test
    void the_fourth_protocol_has_channels_and_a_status(EngineProcess engine) throws Exception {
        Heard heard = converse(engine, POD + SCRIPT, "v4.channel.k8s.io");

        assertEquals("v4.channel.k8s.io", heard.protocol);
        assertEquals("out\n", heard.channel(1));
        assertEquals("bad\n", heard.channel(2));
        assertTrue(heard.channel(3).contains("\"reason\":\"NonZeroExitCode\""), heard.channel(3));
        assertEquals(WebSocket.NORMAL_CLOSURE, heard.closed.get(20, TimeUnit.SECONDS));
    }

    @Test
    void text_messages_carry_base64(EngineProcess engine) throws Exception {
        Heard heard = converse(engine, POD + SCRIPT, "v4.base64.channel.k8s.io");

        assertEquals("out\n", heard.channel(1));
        assertEquals("bad\n", heard.channel(2));
        assertTrue(heard.channel(3).contains("\"message\":\"3\""), heard.channel(3));
    }

    @Test
    @DisplayName("S34 a Container is entered by its own path")
    void a_container_is_entered_by_its_own_path(EngineProcess engine) throws Exception {
        String path = POD.replace("/api/v1", "/apis/slipway.dev/v1alpha1").replace("pods", "containers");

        Heard heard = converse(engine, path + SCRIPT, "v5.channel.k8s.io");

        assertEquals("out\n", heard.channel(1));
    }

    @Test
    void who_offers_nothing_that_is_served_is_told_so(EngineProcess engine) throws Exception {
        CompletionException refused = assertThrows(
                CompletionException.class, () -> open(engine, POD + SCRIPT, "v9.channel.k8s.io", new Heard()));
        HttpResponse<String> posted = client.send(
                HttpRequest.newBuilder(uri(engine, "https", POD + SCRIPT))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertEquals(
                400,
                assertInstanceOf(WebSocketHandshakeException.class, refused.getCause())
                        .getResponse()
                        .statusCode());
        assertEquals(400, posted.statusCode());
        assertTrue(posted.body().contains("exec needs a WebSocket"), posted.body());
    }

    @Test
    void a_client_that_does_not_read_stops_the_process_and_not_the_engine(EngineProcess engine) throws Exception {
        Heard idle = new Heard();
        idle.reads = false;
        WebSocket socket = open(engine, POD + BLOCK, "v5.channel.k8s.io", idle);
        engine.await("the process to run", () -> writer().isPresent());
        ProcessHandle writer = writer().orElseThrow();
        long[] written = new long[2];

        engine.await("the process to stand still", () -> {
            long now = writtenBy(writer);
            written[1] = now > 0 && now == written[0] ? written[1] + 1 : 0;
            written[0] = now;
            return written[1] == LOOKS;
        });

        assertTrue(written[0] < MOST_UNDER_WAY, written[0] + " bytes are under way");
        socket.abort();
        engine.await("the process to be gone", () -> !writer.isAlive());
    }

    private static Optional<ProcessHandle> writer() {
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process).endsWith("cat /dev/zero /rawsessions "))
                .findFirst();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                    .replace('\0', ' ');
        } catch (IOException e) {
            // It ended a moment ago.
            return "";
        }
    }

    private static long writtenBy(ProcessHandle process) {
        try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/io"))) {
            return lines.filter(line -> line.startsWith("wchar: "))
                    .mapToLong(line -> Long.parseLong(line.substring(7)))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Heard converse(EngineProcess engine, String path, String protocol) throws Exception {
        Heard heard = new Heard();
        heard.protocol = open(engine, path, protocol, heard).getSubprotocol();
        heard.closed.get(20, TimeUnit.SECONDS);
        return heard;
    }

    private static WebSocket open(EngineProcess engine, String path, String protocol, Heard heard) {
        return client.newWebSocketBuilder()
                .subprotocols(protocol)
                .buildAsync(uri(engine, "wss", path), heard)
                .join();
    }

    private static URI uri(EngineProcess engine, String scheme, String path) {
        return URI.create("%s://127.0.0.1:%d%s".formatted(scheme, engine.port(), path));
    }

    /// What the engine said.
    private static final class Heard implements WebSocket.Listener {
        private final List<byte[]> messages = new ArrayList<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final ByteArrayOutputStream part = new ByteArrayOutputStream();
        private boolean reads = true;
        private String protocol = "";

        @Override
        public void onOpen(WebSocket socket) {
            if (reads) {
                socket.request(1);
            }
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            take(bytes, last);
            socket.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            take(data.toString().getBytes(StandardCharsets.US_ASCII), last);
            socket.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.completeExceptionally(error);
        }

        private synchronized void take(byte[] bytes, boolean last) {
            part.writeBytes(bytes);
            if (last) {
                messages.add(part.toByteArray());
                part.reset();
            }
        }

        /// Everything on a channel, whether in binary or in base64.
        synchronized String channel(int number) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (byte[] message : messages) {
                if (message[0] == number) {
                    all.write(message, 1, message.length - 1);
                } else if (message[0] == '0' + number) {
                    byte[] encoded = Arrays.copyOfRange(message, 1, message.length);
                    all.writeBytes(Base64.getDecoder().decode(encoded));
                }
            }
            return all.toString(StandardCharsets.UTF_8);
        }
    }
}
