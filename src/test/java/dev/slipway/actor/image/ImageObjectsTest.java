package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Reference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageObjectsTest {
    private static String name(String image) throws Exception {
        return ImageObjects.implicitName(Reference.parse(image));
    }

    @ParameterizedTest(name = "S57 S58 S60 {0} is shown as {1}")
    @CsvSource({
        "ubuntu,                      ubuntu",
        "ubuntu:16.04,                ubuntu-16.04",
        "jwilder/nginx-proxy,         jwilder-nginx-proxy",
        "localhost:5000/team/app:v1,  localhost-5000-team-app-v1",
        "quay.io/a__b/c.d:_x.,        quay.io-a-b-c.d-x"
    })
    void the_name_tells_which_image(String image, String stem) throws Exception {
        assertTrue(name(image).matches("\\Q" + stem + "\\E-[0-9a-f]{8}"), name(image));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ubuntu",
                "localhost:5000/a/b/c/d:T_a.g",
                "[::1]:5000/a",
                "a/b--c__d:1",
                "x.y/z@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            })
    void it_is_a_name_of_an_object(String image) throws Exception {
        assertTrue(
                name(image).matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"), name(image));
        assertTrue(name(image).length() <= 253);
    }

    @ParameterizedTest
    @CsvSource({"acme/web, acme-web", "acme/web:1-2, acme/web-1:2", "a:b, a:B"})
    @DisplayName("images that are spelled alike have different objects")
    void alike_is_not_the_same(String one, String other) throws Exception {
        assertNotEquals(name(one), name(other));
    }

    @ParameterizedTest
    @CsvSource({"ubuntu, docker.io/library/ubuntu:latest", "jwilder/nginx-proxy, docker.io/jwilder/nginx-proxy:latest"})
    void two_spellings_of_one_image_have_one_object(String one, String other) throws Exception {
        assertEquals(name(one), name(other));
    }
}
