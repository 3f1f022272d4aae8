package dev.slipway.desired.kind.kubernetes;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "255.255.255.255",
                "10.88.0.1",
                "::",
                "::1",
                "fd00::1",
                "2001:db8::ffff",
                "1:2:3:4:5:6:7:8",
                "1::8",
                "::ffff:10.0.0.1",
                "64:ff9b::10.0.0.1",
                "1:2:3:4:5:6:10.0.0.1"
            })
    void these_are_addresses(String text) {
        assertTrue(Addresses.isAddress(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "1.2.3",
                "1.2.3.4.5",
                "256.0.0.1",
                "01.2.3.4",
                "1.2.3.4 ",
                ":",
                ":::",
                "1:2:3",
                "1:2:3:4:5:6:7:8:9",
                "1::2::3",
                "12345::",
                "g::",
                "1:2:3:4:5:6:7::8",
                "10.0.0.1::",
                "fe80::1%eth0",
                "[::1]"
            })
    void these_are_none(String text) {
        assertFalse(Addresses.isAddress(text));
    }
}
