package dev.slipway.door.http;

import java.io.IOException;

/// What is said over a WebSocket.
@FunctionalInterface
public interface Conversation {
    /// Returns when it is over; the socket is closed afterwards.
    ///
    /// @throws IOException when the client, or what it talks to, has gone
    void hold(MessageSocket socket) throws IOException, InterruptedException;
}
