package dev.slipway.door.streams;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalInt;

/// A process with its streams. Output that nobody reads makes it wait. Each stream is used by one thread; all of them
/// end when the session is closed, which any thread may do.
public interface Session extends AutoCloseable {
    /// To its stdin; closing it is end of file. Takes and forgets everything if there is none.
    OutputStream stdin();

    /// Its stdout, or everything with a terminal.
    InputStream stdout();

    /// Its stderr; at its end from the start with a terminal.
    InputStream stderr();

    /// The size of its terminal, in characters.
    void resize(int rows, int columns) throws IOException;

    /// Waits for the end of the process.
    ///
    /// @return its exit code, 128 + signal when one ended it; empty after `limit`
    OptionalInt await(Duration limit) throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
}
