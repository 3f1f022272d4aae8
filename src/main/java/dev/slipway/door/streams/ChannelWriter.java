package dev.slipway.door.streams;

import dev.slipway.door.http.MessageSocket;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Sends what is for a client on its channels. Thread-safe, as the socket is.
record ChannelWriter(MessageSocket socket, ChannelProtocol protocol) {
    private static final int CHUNK_BYTES = 32 * 1024;
    private static final int PLACES = 4;

    /// Sends everything from `from` on a channel. The next chunks are read while the connection takes the last few;
    /// each place is used again as soon as its chunk has left.
    void pump(int channel, InputStream from) throws IOException {
        Place[] places = new Place[PLACES];
        for (int i = 0; ; i = (i + 1) % PLACES) {
            Place place = places[i] == null ? new Place() : places[i];
            places[i] = place;
            place.await();
            int count = from.read(place.message, 1, CHUNK_BYTES);
            if (count < 0) {
                break;
            }
            place.sending = send(channel, place.message, count);
        }
        for (Place place : places) {
            if (place != null) {
                place.await();
            }
        }
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

    /// Where a chunk lies while it is on its way.
    private static final class Place {
        private final byte[] message = new byte[1 + CHUNK_BYTES];
        private MessageSocket.@Nullable Sending sending;

        void await() throws IOException {
            if (sending != null) {
                sending.await();
            }
        }
    }
}
