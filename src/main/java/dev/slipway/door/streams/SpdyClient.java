package dev.slipway.door.streams;

import dev.slipway.door.http.MessageSocket;
import dev.slipway.door.spdy.SpdyEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/// What is said to a client that speaks SPDY. Thread-safe: replies, which have to leave in order, are made under the
/// lock.
final class SpdyClient {
    private final MessageSocket socket;
    private final SpdyEncoder encoder = new SpdyEncoder();
    private boolean closed;

    SpdyClient(MessageSocket socket) {
        this.socket = socket;
    }

    synchronized void accept(int stream) throws IOException {
        if (closed) {
            throw new IOException("accept a stream: the client has gone");
        }
        byte[] reply = encoder.reply(stream, Map.of("accepted", "yes"));
        socket.send(reply, reply.length);
    }

    void send(byte[] frame) throws IOException {
        socket.send(frame, frame.length).await();
    }

    /// Sends everything from `from` on a stream; its end is not told.
    void pump(int stream, InputStream from) throws IOException {
        Pump.copy(from, SpdyEncoder.DATA_HEADER_BYTES, (frame, count) -> {
            SpdyEncoder.putDataHeader(frame, stream, count, false);
            return socket.send(frame, SpdyEncoder.DATA_HEADER_BYTES + count);
        });
    }

    synchronized void close() {
        if (!closed) {
            closed = true;
            encoder.close();
        }
    }
}
