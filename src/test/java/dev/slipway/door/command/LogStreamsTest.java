package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LogStreamsTest {
    @Test
    void each_line_has_the_prefix() throws IOException {
        assertEquals("[a] one\n[a] \n[a] no end", printed("[a] ", "one\n\nno end"));
        assertEquals("", printed("[a] ", ""));
    }

    @Test
    void bytes_that_are_no_text_stay_as_they_are() throws IOException {
        byte[] bytes = {0, (byte) 0xff, '\r', '\n', (byte) 0xfe};

        assertArrayEquals(bytes, printed("", bytes));
    }

    @Test
    void a_line_without_end_has_one_prefix() throws IOException {
        String line = "x".repeat(200_000);

        assertEquals("[a] " + line + "\n[a] end\n", printed("[a] ", line + "\nend\n"));
    }

    private static String printed(String prefix, String log) throws IOException {
        return new String(printed(prefix, log.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    private static byte[] printed(String prefix, byte[] log) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogStreams.lines(new ByteArrayInputStream(log), prefix, new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toByteArray();
    }
}
