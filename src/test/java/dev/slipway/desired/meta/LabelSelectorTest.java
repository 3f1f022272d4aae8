package dev.slipway.desired.meta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelSelectorTest {
    private static final Map<String, String> LABELS =
            Map.of("app", "web", "tier", "front", "example.com/weight", "10", "empty", "");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | true",
                "app=web | true",
                "app = web | true",
                "app==web,tier=front | true",
                "app=web,tier=back | false",
                "app!=web | false",
                "other!=web | true",
                "app in (web,db) | true",
                "app in ( db , web ) , tier | true",
                "app notin (db) | true",
                "app notin (web,db) | false",
                "other notin (web) | true",
                "other in (web) | false",
                "app | true",
                "other | false",
                "!app | false",
                "!other | true",
                "! other,app | true",
                "empty= | true",
                "empty in () | true",
                "app= | false",
                "example.com/weight>9 | true",
                "example.com/weight > 10 | false",
                "example.com/weight<11 | true",
                "app>1 | false",
                "in in (a),notin | false",
            })
    void a_selector_holds_when_all_its_requirements_do(String selector, boolean expected) {
        assertEquals(expected, LabelSelector.parse(selector).matches(LABELS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=b=c", "a,", ",a", "a in", "a in (b", "a in b", "a b", "=b", "a=b c", "a!", "-a", "a>b", "a=(b)",
                "x/y/z", "a=b!", "a=/"
            })
    void what_is_no_selector_is_refused_with_the_place(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> LabelSelector.parse(text))
                .getMessage();

        assertEquals(true, message.matches(".*expected .* at column [0-9]+"), message);
    }

    @Test
    void a_longest_key_and_value_are_read() {
        String name = "n".repeat(63);

        assertEquals(true, LabelSelector.parse(name + "=" + name).matches(Map.of(name, name)));
        assertThrows(IllegalArgumentException.class, () -> LabelSelector.parse(name + "n"));
    }
}
