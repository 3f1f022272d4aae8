package dev.slipway.door.streams;

import dev.slipway.door.http.Conversation;
import dev.slipway.door.http.MessageSocket;
import dev.slipway.door.spdy.SpdyDecoder;
import dev.slipway.door.spdy.SpdyEncoder;
import dev.slipway.door.spdy.SpdyEncoder.ResetReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Port-forward: the client's connections to ports of a pod, as pairs of SPDY streams over one connection, which is a
/// WebSocket or plain.
///
/// ```
/// open  streamtype=error port=8080 requestid=0   \  a pair is one connection: a Tunnel
/// open  streamtype=data  port=8080 requestid=0   /
/// data  ...both ways on the data stream, each half ends by itself...
/// end   of the error stream: empty when all went well, else behind words
/// ```
///
/// One task reads the socket and hands out; a tunnel that does not take its bytes makes it wait, and the others with
/// it: the protocol's windows, which would prevent that, are not kept by its clients.
///
/// @param connector opens connections inside the pod
/// @param workers runs two tasks a tunnel
record PortForward(Tunnel.Connector connector, Executor workers) implements Conversation {
    static final String PROTOCOL = "SPDY/3.1+portforward.k8s.io";
    static final String SPDY_PROTOCOL = "portforward.k8s.io";
    private static final int MOST_STREAMS = 1024;

    @Override
    public void hold(MessageSocket socket) throws IOException, InterruptedException {
        Streams streams = new Streams(new SpdyClient(socket));
        try (SpdyDecoder decoder = new SpdyDecoder(streams)) {
            socket.onClose(streams::close);
            for (Optional<MessageSocket.Frame> frame = socket.receive();
                    frame.isPresent() && !streams.goneAway;
                    frame = socket.receive()) {
                decoder.take(frame.get().payload());
            }
        } finally {
            streams.close();
        }
    }

    /// The streams of one client. Those that are half of a pair wait for the other half.
    private final class Streams implements SpdyDecoder.Frames {
        private final SpdyClient client;
        private final Map<String, Integer> errorStreams = new HashMap<>();
        private final Map<Integer, Tunnel> tunnels = new ConcurrentHashMap<>();
        private boolean goneAway;

        Streams(SpdyClient client) {
            this.client = client;
        }

        @Override
        public void open(int stream, Map<String, String> headers) throws IOException {
            @Nullable String type = headers.get("streamtype");
            String request = headers.getOrDefault("requestid", headers.getOrDefault("port", ""));
            if (tunnels.size() + errorStreams.size() >= MOST_STREAMS) {
                client.send(SpdyEncoder.reset(stream, ResetReason.REFUSED));
            } else if ("error".equals(type)) {
                errorStreams.put(request, stream);
                client.accept(stream);
            } else if ("data".equals(type) && errorStreams.containsKey(request)) {
                client.accept(stream);
                int errors = errorStreams.remove(request);
                int port = port(headers.getOrDefault("port", ""));
                Tunnel tunnel = new Tunnel(client, stream, errors);
                tunnels.put(stream, tunnel);
                workers.execute(() -> {
                    tunnel.run(connector, port, workers);
                    tunnels.remove(stream);
                });
            } else {
                client.send(SpdyEncoder.reset(stream, ResetReason.REFUSED));
            }
        }

        private static int port(String text) throws IOException {
            try {
                int port = Integer.parseInt(text);
                if (port > 0 && port <= 0xffff) {
                    return port;
                }
            } catch (NumberFormatException e) {
                throw new IOException("port is not a number: " + text, e);
            }
            throw new IOException("port is out of range: " + text);
        }

        @Override
        public void data(int stream, ByteBuffer bytes) throws InterruptedException {
            @Nullable Tunnel tunnel = tunnels.get(stream);
            if (tunnel != null) {
                tunnel.take(bytes);
            }
        }

        @Override
        public void end(int stream) throws InterruptedException {
            @Nullable Tunnel tunnel = tunnels.get(stream);
            if (tunnel != null) {
                tunnel.takeEnd();
            }
        }

        @Override
        public void reset(int stream) {
            errorStreams.values().remove(stream);
            @Nullable Tunnel tunnel = tunnels.get(stream);
            if (tunnel != null) {
                tunnel.close();
            }
        }

        @Override
        public void ping(int id) throws IOException {
            if ((id & 1) != 0) {
                client.send(SpdyEncoder.ping(id));
            }
        }

        @Override
        public void goAway() {
            goneAway = true;
        }

        void close() {
            List.copyOf(tunnels.values()).forEach(Tunnel::close);
            client.close();
        }
    }
}
