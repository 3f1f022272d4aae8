package dev.slipway.door.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DetachKeysTest {
    private static final String DETACHED = "detached";

    private final DetachKeys keys = DetachKeys.parse(DetachKeys.STANDARD);

    @Test
    void the_keys_detach_also_when_they_come_one_by_one() {
        assertEquals("ls\r", passed(keys, "ls\r"));
        assertEquals("", passed(keys, "\u0010"));
        assertEquals(DETACHED, passed(keys, "\u0011"));
        assertEquals(DETACHED, passed(DetachKeys.parse(DetachKeys.STANDARD), "x\u0010\u0011"));
    }

    @Test
    void what_only_begins_like_the_keys_is_passed_on_with_what_shows_it() {
        assertEquals("", passed(keys, "\u0010"));
        assertEquals("\u0010a", passed(keys, "a"));
        assertEquals("\u0010", passed(keys, "\u0010\u0010"));
        assertEquals(DETACHED, passed(keys, "\u0011"));
    }

    @Test
    void other_keys_may_be_chosen() {
        assertEquals(DETACHED, passed(DetachKeys.parse("a,ctrl-]"), "a\u001d"));
        assertEquals(DETACHED, passed(DetachKeys.parse("ctrl-@"), "\u0000"));
        assertEquals("\u0010\u0011", passed(DetachKeys.parse(""), "\u0010\u0011"));
        assertEquals("\u0010\u0011", passed(DetachKeys.NONE, "\u0010\u0011"));
    }

    @Test
    void what_is_no_key_is_refused() {
        assertRefused("ctrl-");
        assertRefused("ctrl-1");
        assertRefused("esc");
        assertRefused("a,");
        assertRefused("ü");
    }

    private static void assertRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> DetachKeys.parse(text), text);
    }

    private static String passed(DetachKeys keys, String typed) {
        byte[] read = typed.getBytes(StandardCharsets.ISO_8859_1);
        return keys.passed(read, read.length)
                .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1))
                .orElse(DETACHED);
    }
}
