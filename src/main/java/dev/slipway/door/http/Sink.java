package dev.slipway.door.http;

import java.io.IOException;

/// Where the bytes of an endless answer go: a watch, or a log that is followed. Used by one thread; [#onClose] may
/// run on another.
public interface Sink {
    /// Hands `bytes` to the client and waits until they are on their way.
    ///
    /// @throws IOException when the client has gone, or has not read for too long and was dropped
    void write(byte[] bytes) throws IOException;

    /// Whether the client is still there.
    boolean isOpen();

    /// Runs `action` once when the client goes; at once if it has gone already.
    void onClose(Runnable action);
}
