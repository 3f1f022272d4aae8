package dev.slipway.engine.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

class VolumeNameTest {
    @Test
    void an_object_has_a_directory_of_its_namespace_and_name() {
        assertEquals("shop.cart", VolumeName.of("shop", "cart").value());
    }

    @Test
    void names_that_are_too_long_stay_apart() {
        VolumeName one = VolumeName.of("shop", "a".repeat(252) + "b");
        VolumeName two = VolumeName.of("shop", "a".repeat(252) + "c");

        assertEquals(247, one.value().length());
        assertNotEquals(one, two);
    }
}
