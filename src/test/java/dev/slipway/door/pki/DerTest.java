package dev.slipway.door.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DerTest {
    @Test
    void a_length_from_128_on_says_how_many_bytes_it_has() {
        assertEquals("047f", hex(Der.octetString(new byte[127])).substring(0, 4));
        assertEquals("048180", hex(Der.octetString(new byte[128])).substring(0, 6));
        assertEquals("04820100", hex(Der.octetString(new byte[256])).substring(0, 8));
    }

    @Test
    void an_object_identifier_packs_its_arcs_in_groups_of_seven_bits() {
        assertEquals("06082a8648ce3d040302", hex(Der.oid("1.2.840.10045.4.3.2")));
        assertEquals("0603550411", hex(Der.oid("2.5.4.17")));
    }

    @Test
    void an_integer_with_its_top_bit_set_stays_positive() {
        assertEquals("02020080", hex(Der.integer(BigInteger.valueOf(128))));
        assertEquals("020100", hex(Der.integer(BigInteger.ZERO)));
    }

    @Test
    void named_bits_leave_trailing_zeros_out() {
        assertEquals("03020780", hex(Der.namedBits(0)));
        assertEquals("03020106", hex(Der.namedBits(5, 6)));
    }

    @Test
    void a_year_from_2050_on_is_written_with_four_digits() {
        assertEquals("170d3439313233313233353935395a", hex(Der.time(Instant.parse("2049-12-31T23:59:59Z"))));
        assertEquals("180f32303530303130313030303030305a", hex(Der.time(Instant.parse("2050-01-01T00:00:00Z"))));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
