package dev.slipway.door.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;

/// Where a verb prints to. A `PrintStream` by itself swallows what goes wrong: a verb that follows something would
/// go on for ever behind a pipe that nobody reads (`slipway logs -f web | head`), and what did not fit on a disk would
/// be missed by nobody. From this one it is thrown, as an `UncheckedIOException`.
final class StandardOutput extends OutputStream {
    /// Exit code of who has nobody left to print for, as a shell counts an end by SIGPIPE.
    static final int CLOSED = 128 + 13;

    private static final String BROKEN_PIPE = "Broken pipe";

    private final OutputStream out;

    private StandardOutput(OutputStream out) {
        this.out = out;
    }

    static PrintStream over(OutputStream out, Charset charset) {
        return new PrintStream(new StandardOutput(out), true, charset);
    }

    /// Whoever read the other end has gone, which is no failure that is told.
    static final class ClosedException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage());
            throw new UncheckedIOException(
                    why.equals(BROKEN_PIPE)
                            ? new ClosedException()
                            : new IOException("write standard output: " + why, e));
        }
    }
}
