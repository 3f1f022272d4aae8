package dev.slipway.door.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.Caller;
import dev.slipway.door.http.Conversation;
import dev.slipway.door.http.Query;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.Responder;
import dev.slipway.door.http.UpgradeOffer;
import dev.slipway.door.spdy.SpdyEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Clients of exec that speak SPDY, Netty's frames among them.
@Timeout(60)
class SpdyLineTest {
    private static final Set<String> STREAMS = Set.of("error", "stdin", "stdout");

    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final CompletableFuture<String> told = new CompletableFuture<>();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        workers.shutdownNow();
    }

    @Test
    void a_client_that_opens_no_streams_is_given_up() throws Exception {
        try (Socket client = client(socket -> {
            try (SpdyLine line = new SpdyLine(socket, STREAMS, Duration.ofMillis(100))) {
                line.begin();
                told.complete("begun");
            } catch (IOException e) {
                told.complete(String.valueOf(e.getMessage()));
            }
        })) {
            assertEquals("the client says nothing", told.get(20, TimeUnit.SECONDS));
            assertEquals(-1, client.getInputStream().read());
        }
    }

    @Test
    void what_comes_before_all_streams_are_open_has_a_limit() throws Exception {
        try (Socket client = client(socket -> {
            try (SpdyLine line = new SpdyLine(socket, STREAMS, Duration.ofSeconds(20))) {
                line.open(1, Map.of("streamtype", "stdin"));
                line.data(1, ByteBuffer.allocate(1 << 20));
                IOException failure = assertThrows(IOException.class, () -> line.data(1, ByteBuffer.allocate(1)));
                told.complete(String.valueOf(failure.getMessage()));
            } catch (AssertionError e) {
                told.complete(e.toString());
            }
        })) {
            assertEquals("the client sends before it has opened its streams", told.get(20, TimeUnit.SECONDS));
        }
    }

    /// Its client asks for stderr, too, for which a terminal has no stream.
    @Test
    void the_exit_code_of_a_terminal_is_told_whatever_streams_were_asked_for() throws Exception {
        MultiMap query = MultiMap.caseInsensitiveMultiMap()
                .add("command", "false")
                .add("tty", "true")
                .add("stdout", "true")
                .add("stderr", "true");
        ApiRequest request = new ApiRequest(
                "POST",
                List.of(),
                new Query(query),
                "",
                "",
                "",
                new byte[0],
                InputStream.nullInputStream(),
                Optional.of(new UpgradeOffer(UpgradeOffer.Transport.SPDY, List.of(SpdyLine.PROTOCOL))),
                Caller.ADMINISTRATOR);
        ApiObject pod = ApiObject.of(ObjectCodec.readObject("""
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"default"}}""".getBytes(StandardCharsets.UTF_8)));
        Reply reply = new PodStreams(new Ending(7), workers).exec(pod, "main", request);

        try (Socket client = client(((Reply.Upgrade) reply).conversation())) {
            EmbeddedChannel codec = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
            open(codec, client.getOutputStream(), 1, "error");
            open(codec, client.getOutputStream(), 3, "stdout");
            open(codec, client.getOutputStream(), 5, "resize");

            String status = said(codec, client.getInputStream(), 1);

            assertTrue(status.contains("exit status 7"), status);
            codec.finishAndReleaseAll();
        }
    }

    private static void open(EmbeddedChannel codec, OutputStream out, int stream, String type) throws IOException {
        SpdySynStreamFrame frame = new DefaultSpdySynStreamFrame(stream, 0, (byte) 0);
        frame.headers().set("streamtype", type);
        codec.writeOutbound(frame);
        for (ByteBuf bytes = codec.readOutbound(); bytes != null; bytes = codec.readOutbound()) {
            bytes.readBytes(out, bytes.readableBytes());
            bytes.release();
        }
    }

    /// Everything that comes on a stream, up to the end of the connection.
    private static String said(EmbeddedChannel codec, InputStream in, int stream) throws IOException {
        codec.writeInbound(Unpooled.wrappedBuffer(in.readAllBytes()));
        StringBuilder text = new StringBuilder();
        for (Object frame = codec.readInbound(); frame != null; frame = codec.readInbound()) {
            if (frame instanceof SpdyDataFrame data && data.streamId() == stream) {
                text.append(data.content().toString(StandardCharsets.UTF_8));
            }
        }
        return text.toString();
    }

    /// A client that has been let in, whose server holds `conversation`.
    private Socket client(Conversation conversation) throws Exception {
        Reply.Upgrade.Spdy spdy = new Reply.Upgrade.Spdy(SpdyLine.PROTOCOL, SpdyEncoder.ping(2));
        int port = vertx.createHttpServer()
                .requestHandler(request -> {
                    request.pause();
                    workers.submit(() -> {
                        new Responder(Duration.ofSeconds(20))
                                .send(request, new Reply.Upgrade(conversation, Optional.of(spdy)));
                        return null;
                    });
                })
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS)
                .actualPort();
        Socket client = new Socket("127.0.0.1", port);
        client.setSoTimeout(20_000);
        client.getOutputStream()
                .write("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) client.getInputStream().read());
        }
        assertTrue(head.toString().startsWith("HTTP/1.1 101"), head.toString());
        return client;
    }

    /// Runs what ends at once.
    private record Ending(int code) implements ContainerSessions {
        @Override
        public State state(ApiObject pod, String container) {
            return State.RUNNING;
        }

        @Override
        public Session exec(ApiObject pod, String container, Exec exec) {
            return new Over(code);
        }

        @Override
        public Session attach(ApiObject pod, String container, Wanted wanted) {
            return new Over(code);
        }

        @Override
        public void signal(ApiObject pod, String container, String signal) throws IOException {
            throw new IOException("it is over");
        }

        @Override
        public SocketChannel connect(ApiObject pod, int port) throws IOException {
            throw new IOException("it is over");
        }
    }

    private record Over(int code) implements Session {
        @Override
        public OutputStream stdin() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public InputStream stdout() {
            return new ByteArrayInputStream("bye".getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public InputStream stderr() {
            return InputStream.nullInputStream();
        }

        @Override
        public void resize(int rows, int columns) {}

        @Override
        public OptionalInt await(Duration limit) {
            return OptionalInt.of(code);
        }

        @Override
        public void close() {}
    }
}
