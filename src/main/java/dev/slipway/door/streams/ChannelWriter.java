package dev.slipway.door.streams;

import dev.slipway.door.http.MessageSocket;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Base64;

/// Sends what is for a client on its channels. Thread-safe, as the socket is.
record ChannelWriter(MessageSocket socket, ChannelProtocol protocol) {
    /// Sends everything from `from` on a channel.
    void pump(int channel, InputStream from) throws IOException {
        Pump.copy(from, 1, (message, count) -> send(channel, message, count));
    }

    /// Sends one message, and returns when the connection has taken it.
    void send(int channel, byte[] content) throws IOException {
        byte[] message = new byte[1 + content.length];
        System.arraycopy(content, 0, message, 1, content.length);
        send(channel, message, content.length).await();
    }

    /// @param message whose first byte is free, with `count` bytes behind it
    private MessageSocket.Sending send(int channel, byte[] message, int count) {
        if (protocol.isText()) {
            byte[] content = Arrays.copyOfRange(message, 1, 1 + count);
            return socket.sendText(channel + Base64.getEncoder().encodeToString(content));
        }
        message[0] = (byte) channel;
        return socket.send(message, 1 + count);
    }
}
