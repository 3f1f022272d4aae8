package dev.slipway.desired.meta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrintableTextTest {
    @Test
    void ordinary_text_stays() {
        assertEquals("grüße, 日本 🚢", PrintableText.line("grüße, 日本 🚢"));
        assertEquals("a\n\tb", PrintableText.lines("a\n\tb"));
    }

    @Test
    void escape_sequences_lose_their_power() {
        assertEquals("?[2Jgone?]0;title?", PrintableText.line("\033[2Jgone\033]0;title\007"));
        assertEquals("?31m\n?", PrintableText.lines("\u009b31m\n\r"));
    }

    @Test
    void a_line_has_no_breaks() {
        assertEquals("one; two; three", PrintableText.line(" one \r\n  two\n\n three\u2028"));
    }

    @Test
    void the_direction_of_writing_is_not_turned() {
        assertEquals("a?b?", PrintableText.line("a\u202eb\u2066"));
    }
}
