package dev.slipway.door.streams;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// The client's end of exec or attach, however its streams share the connection. One task begins and finishes, one
/// listens, and one pumps each stream; each but the first may run on a thread of its own.
interface ClientLine extends AutoCloseable {
    /// What a client wants done.
    interface Input {
        /// @param bytes read before this returns
        void stdin(ByteBuffer bytes) throws IOException;

        void endOfStdin() throws IOException;

        void resize(int rows, int columns) throws IOException;
    }

    /// Waits until the client has opened its streams.
    ///
    /// @throws IOException when it has gone
    void begin() throws IOException, InterruptedException;

    /// Hands what the client says to `input`; returns when it has gone.
    ///
    /// @throws IOException when the client does not keep to the protocol, or `input` fails
    void listen(Input input) throws IOException, InterruptedException;

    /// Sends everything from `from` on a channel.
    void pump(int channel, InputStream from) throws IOException;

    /// Sends the last word, and returns when the connection has taken it.
    ///
    /// @param status a `Status`
    void finish(byte[] status) throws IOException;

    @Override
    void close();
}
