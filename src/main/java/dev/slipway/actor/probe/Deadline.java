package dev.slipway.actor.probe;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/// When an exchange has to be over, by the monotonic clock.
record Deadline(long nanos) {
    static Deadline in(Duration timeout) {
        return new Deadline(System.nanoTime() + timeout.toNanos());
    }

    /// Milliseconds until then, at least one.
    ///
    /// @throws SocketTimeoutException when it has passed
    int left() throws SocketTimeoutException {
        long left = nanos - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("deadline exceeded");
        }
        return (int) Math.min(Integer.MAX_VALUE, left / 1_000_000 + 1);
    }

    /// The next read from `socket` ends by then.
    void limit(Socket socket) throws IOException {
        socket.setSoTimeout(left());
    }
}
