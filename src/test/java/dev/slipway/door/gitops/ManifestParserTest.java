package dev.slipway.door.gitops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestParserTest {
    @Test
    void documents_and_items_of_lists_are_declarations_that_know_their_lines() {
        List<Declaration> declared = good("all.yaml", """
                apiVersion: v1
                kind: Namespace
                metadata: {name: shop}
                ---
                apiVersion: v1
                kind: List
                items:
                  - apiVersion: v1
                    kind: ConfigMap
                    metadata:
                      name: one
                  - apiVersion: v1
                    kind: ConfigMapList
                    items:
                      - apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: two}
                        data:
                          a: 1
                """);

        assertEquals(
                List.of("shop", "one", "two"),
                declared.stream().map(each -> each.object().name()).toList());
        assertEquals(List.of(1, 8, 15), declared.stream().map(Declaration::line).toList());
        assertEquals(19, declared.getLast().lineOf("data.a"));
        assertEquals(3, declared.getFirst().lineOf("metadata.name"));
    }

    @Test
    void a_json_file_is_read_as_json() {
        List<Declaration> declared = good("a.json", """
                {"apiVersion": "v1",
                 "kind": "Pod",
                \t"metadata": {"name": "a"}}""");

        assertEquals("a", declared.getFirst().object().name());
        assertTrue(good("empty.json", "").isEmpty());
        assertTrue(good("empty.yaml", "# nothing yet\n---\n").isEmpty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a.yaml | a: [ | 1 | .*",
                "a.yaml | kind: Pod\\nmetadata: {name: a} | 1 | apiVersion is not set",
                "a.yaml | apiVersion: v1\\n---\\napiVersion: v1\\nmetadata: {name: a} | 1 | kind is not set",
                "a.yaml | apiVersion: v1\\nkind: Pod\\nmetadata: {} | 1 | Pod: metadata.name is not set",
                "a.yaml | - a | 1 | expected an object.*",
                "a.yaml | apiVersion: v1\\nkind: List\\nitems:\\n- 3 | 4 | expected an object.*",
                "a.json | {\"a\": 1, \"a\": 2} | 1 | Duplicate.*",
                "a.json | {\\n\"a\": | 2 | .*",
            })
    void a_file_with_an_error_is_bad_as_a_whole(String name, String text, int line, String message) {
        ManifestFile.Bad bad = assertInstanceOf(
                ManifestFile.Bad.class,
                ManifestParser.parse(name, text.replace("\\n", "\n").getBytes(StandardCharsets.UTF_8)));

        assertEquals(line, bad.problem().line());
        assertEquals(Reason.MANIFEST_INVALID, bad.problem().reason());
        assertTrue(bad.problem().message().matches(message), bad.problem().message());
        assertTrue(bad.problem().toString().startsWith(name + ":" + line + ": "));
    }

    private static List<Declaration> good(String name, String text) {
        ManifestFile file = ManifestParser.parse(name, text.getBytes(StandardCharsets.UTF_8));
        return assertInstanceOf(ManifestFile.Good.class, file).declarations();
    }
}
