package dev.slipway.engine.shim;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalInt;

/// A process that was started in a running container, with its streams. Output that nobody reads stops the process at
/// a full pipe, as a pipe does. Closing ends the process if it still runs. Each stream may be used by one thread.
public interface Execution extends AutoCloseable {
    /// Of the process, on the host.
    int pid();

    /// To its stdin; closing it is end of file. Takes and forgets everything if it has no stdin.
    OutputStream stdin();

    /// Its stdout, or everything with a terminal.
    InputStream stdout();

    /// Its stderr; at its end from the start with a terminal. So is a stream that was not asked for.
    InputStream stderr();

    void signal(int number) throws IOException;

    /// The size of its terminal, in characters.
    void resize(int rows, int columns) throws IOException;

    /// Waits for the end of the process.
    ///
    /// @return its exit code, 128 + signal when one ended it; empty after `limit`
    OptionalInt await(Duration limit) throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
}
