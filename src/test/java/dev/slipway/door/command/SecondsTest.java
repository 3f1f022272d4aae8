package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class SecondsTest {
    private final Seconds seconds = new Seconds();

    @Test
    void seconds_are_plain_or_have_units() {
        assertEquals(90, seconds.convert("90"));
        assertEquals(90, seconds.convert("90s"));
        assertEquals(300, seconds.convert("5m"));
        assertEquals(5415, seconds.convert("1h30m15s"));
        assertEquals(0, seconds.convert("0"));
        assertEquals(-1, seconds.convert("-1"));
    }

    @Test
    void anything_else_is_refused() {
        for (String text : new String[] {"", "s", "1d", "1.5h", "5m1h", "90 s", "99999999999"}) {
            assertThrows(TypeConversionException.class, () -> seconds.convert(text), text);
        }
    }
}
