package dev.slipway.door.streams;

import dev.slipway.door.http.MessageSocket;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Copies a stream to a client, a chunk a message. The next chunks are read while the connection takes the last few,
/// and each place is used again as soon as its chunk has left: a client that does not read stops the stream at
/// [#PLACES] chunks.
final class Pump {
    private static final int CHUNK_BYTES = 32 * 1024;
    private static final int PLACES = 4;

    private Pump() {}

    /// Makes a message of a chunk, and sends it.
    @FunctionalInterface
    interface Framing {
        /// @param message whose head is free, with `count` bytes behind it
        MessageSocket.Sending send(byte[] message, int count);
    }

    /// Returns when everything has left.
    ///
    /// @param head how many bytes in front of each chunk `framing` needs
    static void copy(InputStream from, int head, Framing framing) throws IOException {
        Place[] places = new Place[PLACES];
        for (int i = 0; ; i = (i + 1) % PLACES) {
            Place place = places[i] == null ? new Place(head) : places[i];
            places[i] = place;
            place.await();
            int count = from.read(place.message, head, CHUNK_BYTES);
            if (count < 0) {
                break;
            }
            place.sending = framing.send(place.message, count);
        }
        for (Place place : places) {
            if (place != null) {
                place.await();
            }
        }
    }

    /// Where a chunk lies while it is on its way.
    private static final class Place {
        private final byte[] message;
        private MessageSocket.@Nullable Sending sending;

        Place(int head) {
            message = new byte[head + CHUNK_BYTES];
        }

        void await() throws IOException {
            if (sending != null) {
                sending.await();
            }
        }
    }
}
