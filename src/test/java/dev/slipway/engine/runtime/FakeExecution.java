package dev.slipway.engine.runtime;

import dev.slipway.engine.shim.Execution;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalInt;

/// A process that has said what it says and ended before anybody looks, or never ends.
///
/// @param exitCode negative for one that does not end
public record FakeExecution(int exitCode, String output) implements Execution {
    @Override
    public int pid() {
        return 1;
    }

    @Override
    public OutputStream stdin() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream stdout() {
        return new ByteArrayInputStream(output.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public InputStream stderr() {
        return InputStream.nullInputStream();
    }

    @Override
    public void signal(int number) {
        // It has ended, or it does not care.
    }

    @Override
    public void resize(int rows, int columns) {
        // It has no terminal.
    }

    @Override
    public OptionalInt await(Duration limit) {
        return exitCode < 0 ? OptionalInt.empty() : OptionalInt.of(exitCode);
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
