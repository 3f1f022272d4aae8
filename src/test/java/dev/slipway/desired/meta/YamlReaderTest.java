package dev.slipway.desired.meta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlReaderTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a: 1 | {\"a\":1}",
                "a: 0644 | {\"a\":420}",
                "a: 0x1F | {\"a\":31}",
                "a: -0b11 | {\"a\":-3}",
                "a: 1_000 | {\"a\":1000}",
                "a: 08 | {\"a\":\"08\"}",
                "a: 22:22 | {\"a\":\"22:22\"}",
                "a: 2026-01-31 | {\"a\":\"2026-01-31\"}",
                "a: 0.5 | {\"a\":0.5}",
                "a: 1e3 | {\"a\":1000.0}",
                "a: 99999999999999999999 | {\"a\":99999999999999999999}",
                "a: yes | {\"a\":true}",
                "a: Off | {\"a\":false}",
                "a: \"yes\" | {\"a\":\"yes\"}",
                "a: !!str 1 | {\"a\":\"1\"}",
                "a: | {\"a\":null}",
                "a: ~ | {\"a\":null}",
                "8080: x | {\"8080\":\"x\"}",
                "a: 500m | {\"a\":\"500m\"}",
                "a: = | {\"a\":\"=\"}",
                "[1, {b: c}] | [1,{\"b\":\"c\"}]",
            })
    void a_value_is_read_as_kubernetes_clients_read_it(String yaml, String json) throws IOException {
        assertEquals(json, only(yaml).toString());
    }

    @Test
    void documents_are_read_apart_and_empty_ones_left_out() throws IOException {
        List<YamlDocument> documents = read("""
                # a comment
                ---
                ---
                a: 1
                ---
                # nothing

                ---

                b:
                - c: 2
                  d: 3
                ...
                """);

        assertEquals(
                List.of("{\"a\":1}", "{\"b\":[{\"c\":2,\"d\":3}]}"),
                documents.stream().map(document -> document.tree().toString()).toList());
        assertEquals(4, documents.getFirst().line());
        assertEquals(10, documents.getLast().line());
        assertEquals(12, documents.getLast().lineOf("b[0].d"));
        assertEquals(11, documents.getLast().lineOf("b[0].x.y[3]"));
        assertEquals(10, documents.getLast().lineOf("metadata.name"));
    }

    @Test
    void anchors_and_merge_keys_are_followed() throws IOException {
        JsonNode tree = only("""
                base: &base {a: 1, b: 2}
                more: &more {c: 3}
                one: *base
                two: {<<: *base, b: 4}
                three: {<<: [*base, *more], a: 5}
                """);

        assertEquals("{\"a\":1,\"b\":2}", tree.path("one").toString());
        assertEquals("{\"b\":4,\"a\":1}", tree.path("two").toString());
        assertEquals("{\"a\":5,\"b\":2,\"c\":3}", tree.path("three").toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a: [1 | 1",
                "a: 1\\n b: 2 | 2",
                "a: 1\\na: 2 | 2",
                "a: *missing | 1",
                "a: .inf | 1",
                "a: !!binary aGk= | 1",
                "a: !java.lang.Runtime {} | 1",
                "a: 1\\n\\t- b | 2",
                "a: 1\\n? [b] \\n: c | 2",
                "<<: 3 | 1",
                "a: &a [*a] | 1",
            })
    void what_is_wrong_is_refused_with_its_line(String yaml, int line) {
        MalformedYamlException refusal = assertThrows(
                MalformedYamlException.class,
                () -> read(yaml.replace("\\n", "\n").replace("\\t", "\t")));

        assertEquals(line, refusal.line(), refusal.getMessage());
    }

    @Test
    void bombs_are_refused() {
        StringBuilder laughs = new StringBuilder("a0: &a0 [x,x,x,x,x]\n");
        for (int i = 1; i < 10; i++) {
            laughs.append("a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d]\n".formatted(i, i, i - 1, i - 1, i - 1, i - 1, i - 1));
        }

        assertThrows(MalformedYamlException.class, () -> read(laughs.toString()));
        assertThrows(MalformedYamlException.class, () -> read("[".repeat(5000)));
        assertThrows(MalformedYamlException.class, () -> read("a: " + "x".repeat(4 << 20)));
    }

    @Test
    void bytes_that_are_no_text_are_refused() {
        byte[] latin = {'a', ':', ' ', (byte) 0xe4};
        assertEquals(
                "not text: some bytes are no UTF-8",
                assertThrows(MalformedYamlException.class, () -> YamlReader.read(latin))
                        .getMessage());
        assertThrows(MalformedYamlException.class, () -> YamlReader.read(new byte[] {'a', 0}));
    }

    @Test
    void a_byte_order_mark_is_skipped() throws IOException {
        assertTrue(only("\uFEFFa: 1").has("a"));
    }

    private static JsonNode only(String yaml) throws IOException {
        List<YamlDocument> documents = read(yaml);
        assertEquals(1, documents.size());
        return documents.getFirst().tree();
    }

    private static List<YamlDocument> read(String yaml) throws IOException {
        return YamlReader.read(yaml.getBytes(StandardCharsets.UTF_8));
    }
}
