package dev.slipway.desired.meta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlQuotingTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "8080",
                "1.10",
                "0755",
                "0x1F",
                "1e3",
                ".5",
                "1_000",
                "22:22",
                "2026-01-31",
                "yes",
                "Off",
                "null",
                "~",
                "",
                "a: b",
                "- x",
                "#c",
                " lead",
                "trail ",
                "multi\nline\n",
                "<<",
                "=",
                "*x",
                "&x",
                "!t",
                "0b1",
                "+1",
                "-1",
                "1.",
                "true",
                "y",
                "@a",
                "%a",
                "`a",
                "a #b",
                "\t",
                "0o7",
                "NaN",
                ".inf",
                "{a",
                "[b",
                "a, b",
                "?x",
                ":x",
                "'q",
                "\"dq",
                "|",
                ">",
                "é",
                "plain",
                "a:",
                "-"
            })
    void a_text_that_is_written_is_read_back_as_the_same_text(String text) throws IOException {
        ObjectNode object = ObjectCodec.json()
                .createObjectNode()
                .put("v", text)
                .put("k" + text, 1)
                .put(text, 2);

        String yaml = ObjectCodec.yaml().writeValueAsString(object);

        assertEquals(
                object,
                YamlReader.read(yaml.getBytes(StandardCharsets.UTF_8))
                        .getFirst()
                        .tree(),
                yaml);
    }

    @Test
    void what_needs_no_quotes_has_none() throws IOException {
        ObjectNode object = ObjectCodec.json().createObjectNode().put("image", "docker.io/library/nginx:1.10");

        assertEquals("image: docker.io/library/nginx:1.10\n", ObjectCodec.yaml().writeValueAsString(object));
    }
}
