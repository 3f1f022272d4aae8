package dev.slipway.door.session;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// This command's terminal: its standard input, raw until this is closed or the command ends; or, where no input is
/// passed on, the one that controls it, whose keys go on to be signals for this command.
public final class RawTerminal implements AutoCloseable {
    private static final File CONTROLLING = new File("/dev/tty");

    private final Redirect terminal;
    private final String before;
    private final Thread restoring = new Thread(this::restore);

    private RawTerminal(Redirect terminal, String before) {
        this.terminal = terminal;
        this.before = before;
    }

    /// Whether there is one.
    ///
    /// @param passesInput whether it would be standard input
    public static boolean exists(boolean passesInput) {
        try {
            stty(terminal(passesInput), "-g");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// @param passesInput whether it is standard input
    /// @throws IOException when there is no terminal, or no stty(1)
    static RawTerminal open(boolean passesInput) throws IOException {
        Redirect which = terminal(passesInput);
        RawTerminal raw = new RawTerminal(which, stty(which, "-g"));
        Runtime.getRuntime().addShutdownHook(raw.restoring);
        if (passesInput) {
            stty(which, "raw", "-echo");
        }
        return raw;
    }

    private static Redirect terminal(boolean passesInput) {
        return passesInput ? Redirect.INHERIT : Redirect.from(CONTROLLING);
    }

    /// Rows and columns; empty when the terminal does not know.
    Optional<Size> size() throws IOException {
        String[] words = stty(terminal, "size").split(" ");
        Size size = new Size(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
        return size.rows() > 0 && size.columns() > 0 ? Optional.of(size) : Optional.empty();
    }

    record Size(int rows, int columns) {}

    private void restore() {
        try {
            stty(terminal, before);
        } catch (IOException e) {
            System.err.println("slipway: the terminal is not as it was; type: stty sane");
        }
    }

    @Override
    public void close() {
        restore();
        Runtime.getRuntime().removeShutdownHook(restoring);
    }

    private static String stty(Redirect terminal, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of("stty"));
        words.addAll(List.of(arguments));
        Process process = new ProcessBuilder(words)
                .redirectInput(terminal)
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
