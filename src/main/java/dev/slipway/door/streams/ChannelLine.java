package dev.slipway.door.streams;

import dev.slipway.door.http.MessageSocket;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// A client whose channels share a WebSocket.
///
/// ```
/// client --frames--> ChannelDecoder --> stdin, size of the terminal
/// client <--frames-- ChannelWriter  <-- stdout, stderr, Status
/// ```
record ChannelLine(MessageSocket socket, ChannelProtocol protocol) implements ClientLine {
    static ChannelLine of(MessageSocket socket) {
        return new ChannelLine(socket, ChannelProtocol.of(socket.protocol()));
    }

    @Override
    public void begin() {}

    @Override
    public void listen(Input input) throws IOException, InterruptedException {
        ChannelDecoder decoder = new ChannelDecoder(protocol, input);
        for (Optional<MessageSocket.Frame> frame = socket.receive(); frame.isPresent(); frame = socket.receive()) {
            decoder.take(
                    frame.get().payload(), frame.get().continues(), frame.get().last());
        }
    }

    @Override
    public void pump(int channel, InputStream from) throws IOException {
        new ChannelWriter(socket, protocol).pump(channel, from);
    }

    @Override
    public void finish(byte[] status) throws IOException {
        new ChannelWriter(socket, protocol).send(Channel.STATUS, status);
    }

    @Override
    public void close() {}
}
