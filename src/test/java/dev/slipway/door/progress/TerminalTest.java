package dev.slipway.door.progress;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private static final PrintStream OUT =
            new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    private static final Terminal.Size SIZE = new Terminal.Size(80, 24);

    @Test
    void what_has_a_size_and_a_type_is_drawn_on_in_colour() {
        Terminal terminal = Terminal.of(OUT, () -> SIZE, Map.of("TERM", "xterm"));

        assertTrue(terminal.isLive());
        assertTrue(terminal.isColoured());
    }

    @Test
    void colour_can_be_declined() {
        Terminal terminal = Terminal.of(OUT, () -> SIZE, Map.of("TERM", "xterm", "NO_COLOR", "1"));

        assertTrue(terminal.isLive());
        assertFalse(terminal.isColoured());
    }

    @Test
    void a_file_and_a_dumb_terminal_get_plain_lines() {
        assertFalse(Terminal.of(OUT, () -> SIZE, Map.of("TERM", "dumb")).isLive());
        assertFalse(Terminal.of(OUT, () -> SIZE, Map.of()).isLive());
        assertFalse(Terminal.of(OUT, () -> Terminal.Size.NONE, Map.of("TERM", "xterm"))
                .isLive());
    }
}
