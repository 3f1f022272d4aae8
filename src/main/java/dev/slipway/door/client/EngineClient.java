package dev.slipway.door.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// HTTP/1.1 over the engine's unix socket, one connection a request. The JDK's client cannot dial such sockets.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9112 RFC 9112: HTTP/1.1
public final class EngineClient {
    private static final int SWITCHING_PROTOCOLS = 101;

    private final Path socket;

    public EngineClient(Path socket) {
        this.socket = socket;
    }

    /// What a request carries beside method and path; empty strings are left out.
    public record Content(String contentType, byte[] bytes, String accept) {
        public static final Content NONE = new Content("", new byte[0], "application/json");

        public static Content accepting(String accept) {
            return new Content("", new byte[0], accept);
        }

        public static Content of(String contentType, byte[] bytes) {
            return new Content(contentType, bytes, "application/json");
        }
    }

    /// Sends a request and returns once the status line and headers are there; the body streams.
    public EngineResponse send(String method, String path, Content content) throws IOException {
        SocketChannel channel = connect();
        try {
            channel.write(ByteBuffer.wrap(head(method, path, content).getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer body = ByteBuffer.wrap(content.bytes());
            while (body.hasRemaining()) {
                channel.write(body);
            }
            InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 32 * 1024);
            return EngineResponse.read(in, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// As [#send], with a body as it comes. An answer that comes before all was sent is the answer; closing it ends
    /// the sending.
    public EngineResponse upload(String method, String path, String contentType, InputStream body) throws IOException {
        SocketChannel channel = connect();
        Upload upload = new Upload(channel, body);
        try {
            String head = "%s %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: slipway\r\nConnection: close\r\n"
                            .formatted(method, path)
                    + "Content-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n".formatted(contentType);
            channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            Thread.ofVirtual().start(upload);
            InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 32 * 1024);
            EngineResponse response = EngineResponse.read(in, channel);
            upload.throwFailure();
            return response;
        } catch (IOException e) {
            channel.close();
            upload.throwFailure();
            throw e;
        }
    }

    /// Asks for a WebSocket.
    ///
    /// @param protocol the subprotocol to speak on it
    /// @throws ServerRefusedException when the engine would not
    public EngineSocket converse(String path, String protocol) throws IOException {
        SocketChannel channel = connect();
        try {
            String head = """
                    GET %s HTTP/1.1\r
                    Host: localhost\r
                    User-Agent: slipway\r
                    Connection: Upgrade\r
                    Upgrade: websocket\r
                    Sec-WebSocket-Version: 13\r
                    Sec-WebSocket-Key: c2xpcHdheSBzbGlwd2F5IQ==\r
                    Sec-WebSocket-Protocol: %s\r
                    \r
                    """.formatted(path, protocol);
            channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 64 * 1024);
            EngineResponse response = EngineResponse.read(in, channel).orRefused();
            if (response.status() != SWITCHING_PROTOCOLS) {
                throw new IOException("the engine does not speak " + protocol);
            }
            return new EngineSocket(channel, in);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// The JSON answer of a GET.
    public JsonNode json(String path) throws IOException {
        return exchange("GET", path, Content.NONE);
    }

    /// The JSON answer; a `Status` failure becomes [ServerRefusedException].
    public JsonNode exchange(String method, String path, Content content) throws IOException {
        try (EngineResponse response = send(method, path, content)) {
            byte[] bytes = response.orRefused().body().readAllBytes();
            return ObjectCodec.json().readTree(bytes);
        }
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw new EngineUnreachableException(socket, e);
        }
    }

    private static String head(String method, String path, Content content) {
        StringBuilder head = new StringBuilder()
                .append("%s %s HTTP/1.1\r\n".formatted(method, path))
                .append("Host: localhost\r\nUser-Agent: slipway\r\nConnection: close\r\n")
                .append("Accept: %s\r\n".formatted(content.accept()));
        if (!content.contentType().isEmpty()) {
            head.append("Content-Type: %s\r\n".formatted(content.contentType()));
        }
        if (content.bytes().length > 0 || !method.equals("GET")) {
            head.append("Content-Length: %d\r\n".formatted(content.bytes().length));
        }
        return head.append("\r\n").toString();
    }
}
