package dev.slipway.actor.probe;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// Asks `grpc.health.v1.Health/Check` over HTTP/2 in clear text: one call on a connection of its own.
///
/// @param agent what it calls itself
/// @spec https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md gRPC over HTTP2
/// @spec https://www.rfc-editor.org/rfc/rfc9113 HTTP/2
record GrpcCheck(String agent) {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /// Our header table holds nothing, and nothing is pushed.
    private static final byte[] SETTINGS = {0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0};

    private static final int LARGEST_FRAME = 16384;
    private static final int LARGEST_ANSWER = 64 * 1024;
    private static final int STREAM = 1;
    private static final int END_STREAM = 0x1;
    private static final int ACK = 0x1;
    private static final int END_HEADERS = 0x4;
    private static final int PADDED = 0x8;
    private static final int PRIORITY = 0x20;

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS_FRAME = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int CONTINUATION = 9;

    private record Frame(int type, int flags, int stream, byte[] payload) {
        boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    Finding ask(Check.Grpc check, String host, Duration timeout) {
        Deadline deadline = Deadline.in(timeout);
        String address = GoText.address(host, check.port());
        try (Socket socket = new Socket()) {
            try {
                socket.connect(GoText.resolved(host, check.port()), deadline.left());
            } catch (SocketTimeoutException e) {
                return new Finding.Unhealthy(
                        "timeout: failed to connect service %s within %s: context deadline exceeded"
                                .formatted(GoText.quoted(address), GoText.duration(timeout)));
            } catch (IOException e) {
                return new Finding.Unhealthy("error: failed to connect service at %s: %s"
                        .formatted(GoText.quoted(address), GoText.dial(host, check.port(), e)));
            }
            send(socket.getOutputStream(), request(check, address, timeout));
            return answer(socket, deadline).finding(timeout);
        } catch (SocketTimeoutException e) {
            return GrpcAnswer.late(timeout);
        } catch (IOException e) {
            return GrpcAnswer.failed("Unavailable", "error reading from server: " + GoText.exchange(e));
        }
    }

    private static void send(OutputStream out, byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    private byte[] request(Check.Grpc check, String authority, Duration timeout) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(":method", "POST");
        fields.put(":scheme", "http");
        fields.put(":path", "/grpc.health.v1.Health/Check");
        fields.put(":authority", authority);
        fields.put("content-type", "application/grpc");
        fields.put("user-agent", agent);
        fields.put("te", "trailers");
        fields.put("grpc-timeout", timeout.toSeconds() + "S");
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(PREFACE);
        request.writeBytes(frame(SETTINGS_FRAME, 0, 0, SETTINGS));
        request.writeBytes(frame(HEADERS, END_HEADERS, STREAM, HeaderBlock.write(fields)));
        request.writeBytes(frame(DATA, END_STREAM, STREAM, message(check.service())));
        return request.toByteArray();
    }

    /// Not compressed, its length, field 1: the service.
    private static byte[] message(String service) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] name = service.getBytes(StandardCharsets.UTF_8);
        if (name.length > 0) {
            body.write(0x0a);
            int rest = name.length;
            for (; rest >= 0x80; rest >>>= 7) {
                body.write(rest & 0x7f | 0x80);
            }
            body.write(rest);
            body.writeBytes(name);
        }
        return ByteBuffer.allocate(5 + body.size())
                .put((byte) 0)
                .putInt(body.size())
                .put(body.toByteArray())
                .array();
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >>> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    private static GrpcAnswer answer(Socket socket, Deadline deadline) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        Huffman huffman = Huffman.table();
        Map<String, String> fields = new LinkedHashMap<>();
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        boolean isLast = false;
        while (true) {
            deadline.limit(socket);
            Frame frame = read(in);
            isLast |= frame.stream() == STREAM && frame.type() <= HEADERS && frame.has(END_STREAM);
            switch (frame.type()) {
                case DATA -> message.writeBytes(content(frame));
                case HEADERS, CONTINUATION -> block.writeBytes(content(frame));
                case SETTINGS_FRAME -> acknowledge(socket, frame, new byte[0]);
                case PING -> acknowledge(socket, frame, frame.payload());
                case RST_STREAM, GOAWAY -> throw new EOFException("refused");
                default -> {
                    // Nothing that one short call would need.
                }
            }
            boolean isWhole = frame.type() == DATA || frame.has(END_HEADERS);
            if (isWhole && frame.type() != DATA && frame.stream() == STREAM) {
                fields.putAll(HeaderBlock.read(block.toByteArray(), huffman));
                block.reset();
            }
            if (isLast && isWhole && frame.stream() == STREAM) {
                return new GrpcAnswer(fields, message.toByteArray());
            }
            if (message.size() + block.size() > LARGEST_ANSWER) {
                throw new IOException("answer is too large");
            }
        }
    }

    private static Frame read(DataInputStream in) throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt() & Integer.MAX_VALUE;
        if (length > LARGEST_FRAME) {
            throw new IOException("frame is too large, or this is not HTTP/2");
        }
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Frame(type, flags, stream, payload);
    }

    /// Without padding and priority.
    private static byte[] content(Frame frame) throws IOException {
        byte[] payload = frame.payload();
        boolean isPadded = frame.type() != CONTINUATION && frame.has(PADDED);
        int padding = isPadded && payload.length > 0 ? payload[0] & 0xff : 0;
        int begin = (isPadded ? 1 : 0) + (frame.type() == HEADERS && frame.has(PRIORITY) ? 5 : 0);
        if (begin + padding > payload.length) {
            throw new IOException("frame holds less than its padding");
        }
        byte[] content = new byte[payload.length - begin - padding];
        System.arraycopy(payload, begin, content, 0, content.length);
        return content;
    }

    private static void acknowledge(Socket socket, Frame frame, byte[] payload) throws IOException {
        if (!frame.has(ACK)) {
            send(socket.getOutputStream(), frame(frame.type(), ACK, 0, payload));
        }
    }
}
