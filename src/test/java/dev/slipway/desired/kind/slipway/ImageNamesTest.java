package dev.slipway.desired.kind.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The rules of kinds and the engine's own reader know the same names.
class ImageNamesTest {
    private static final String HEX = "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ubuntu",
                "ubuntu:16.04",
                "jwilder/nginx-proxy",
                "a/b/c/d:e",
                "docker.io/library/debian:12",
                "localhost/web",
                "localhost:5000/web:1",
                "hub.lan:5000/a_b/c__d/e---f.g",
                "Hub.lan/web",
                "[fd00::1]:5000/web",
                "web@sha256:HEX",
                "hub.lan/web:1@sha256:HEX",
                "",
                "Web",
                "acme/Web",
                "web:",
                "web:-x",
                "web:a b",
                "/web",
                "web/",
                "a//b",
                "a..b",
                "a_-b",
                "-a",
                "hub.lan:port/web",
                "web@sha256:abc",
                "web@md5:HEX",
                "web@",
                "https://hub.lan/web",
                "a/b:c/d",
            })
    void a_reference_is_right_when_the_engine_can_read_it(String text) {
        String reference = text.replace("HEX", HEX);

        assertEquals(isReadable(reference), ImageNames.reference(reference).isEmpty(), reference);
    }

    private static boolean isReadable(String text) {
        try {
            Reference.parse(text);
            return true;
        } catch (InvalidReferenceException e) {
            return false;
        }
    }
}
