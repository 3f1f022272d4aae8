package dev.slipway.door.session;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// This command's terminal, raw until it is closed or the command ends.
final class RawTerminal implements AutoCloseable {
    private static final File TERMINAL = new File("/dev/tty");

    private final String before;
    private final Thread restoring = new Thread(this::restore);

    private RawTerminal(String before) {
        this.before = before;
    }

    /// @throws IOException when there is no terminal, or no stty(1)
    static RawTerminal open() throws IOException {
        RawTerminal terminal = new RawTerminal(stty("-g"));
        Runtime.getRuntime().addShutdownHook(terminal.restoring);
        stty("raw", "-echo");
        return terminal;
    }

    /// Rows and columns; empty when the terminal does not know.
    Optional<Size> size() throws IOException {
        String[] words = stty("size").split(" ");
        Size size = new Size(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
        return size.rows() > 0 && size.columns() > 0 ? Optional.of(size) : Optional.empty();
    }

    record Size(int rows, int columns) {}

    private void restore() {
        try {
            stty(before);
        } catch (IOException e) {
            System.err.println("slipway: the terminal is not as it was; type: stty sane");
        }
    }

    @Override
    public void close() {
        restore();
        Runtime.getRuntime().removeShutdownHook(restoring);
    }

    private static String stty(String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of("stty"));
        words.addAll(List.of(arguments));
        Process process = new ProcessBuilder(words)
                .redirectInput(TERMINAL)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (process.waitFor() != 0) {
                throw new IOException("set the terminal: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("set the terminal: interrupted", e);
        }
        return said;
    }
}
