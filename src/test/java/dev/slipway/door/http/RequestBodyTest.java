package dev.slipway.door.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.MultiMap;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestBodyTest {
    private final RequestBody bodies = new RequestBody();

    @Test
    void json_and_yaml_say_the_same() {
        assertEquals(
                bodies.object(request("application/json", "{\"kind\":\"Pod\",\"spec\":{\"n\":1}}")),
                bodies.object(request("application/yaml", "kind: Pod\nspec:\n  n: 1\n")));
    }

    @Test
    void an_apply_patch_is_read_as_json_or_yaml() {
        assertEquals(
                bodies.patch(request("application/apply-patch+yaml", "{\"kind\":\"Pod\"}")),
                bodies.patch(request("application/apply-patch+yaml", "kind: Pod\n")));
    }

    @Test
    void a_json_patch_stays_a_list() {
        assertEquals(
                2,
                bodies.patch(request("application/json-patch+json", "[{\"op\":\"a\"},{\"op\":\"b\"}]"))
                        .size());
    }

    @Test
    void a_duplicate_field_is_refused_and_named() {
        RefusedException error = refused("application/json", "{\"kind\":\"Pod\",\"kind\":\"Pod\"}");

        assertEquals(400, error.code());
        assertTrue(error.getMessage().contains("strict decoding error: duplicate field \"kind\""), error.getMessage());
    }

    @Test
    void nesting_without_end_is_refused() {
        assertEquals(400, refused("application/json", "{\"a\":".repeat(100_000)).code());
        assertEquals(400, refused("application/yaml", "[".repeat(5_000)).code());
    }

    @Test
    void a_bomb_of_aliases_is_refused() {
        StringBuilder yaml = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 40; i++) {
            yaml.append("a%d: &a%d [*a%d,*a%d,*a%d,*a%d]\n".formatted(i, i, i - 1, i - 1, i - 1, i - 1));
        }

        assertEquals(400, refused("application/yaml", yaml.toString()).code());
    }

    @Test
    void a_yaml_tag_makes_no_java_object() {
        assertEquals(400, refused("application/yaml", "a: !!java.net.URL x\n").code());
    }

    @Test
    void several_documents_and_none_and_no_object_are_refused() {
        assertEquals(400, refused("application/yaml", "a: 1\n---\nb: 2\n").code());
        assertEquals(400, refused("application/json", "").code());
        assertEquals(400, refused("application/json", "[1]").code());
        assertEquals(400, refused("application/json", "{\"a\":1} {\"b\":2}").code());
        assertEquals(400, refused("application/vnd.kubernetes.protobuf", "{}").code());
    }

    @Test
    void another_media_type_is_refused_with_those_that_are_known() {
        RefusedException error = refused("application/cbor", "x");

        assertEquals(415, error.code());
        assertTrue(error.getMessage().contains("application/vnd.kubernetes.protobuf"), error.getMessage());
    }

    private RefusedException refused(String type, String body) {
        return assertThrows(RefusedException.class, () -> bodies.object(request(type, body)));
    }

    private static ApiRequest request(String type, String body) {
        return new ApiRequest(
                "POST",
                List.of(),
                new Query(MultiMap.caseInsensitiveMultiMap()),
                "",
                type,
                "",
                body.getBytes(StandardCharsets.UTF_8),
                InputStream.nullInputStream(),
                Optional.empty(),
                Caller.ADMINISTRATOR);
    }
}
