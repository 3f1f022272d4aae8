package dev.slipway.desired.meta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteAmountsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "512, 512 B",
        "1024, 1.0 KiB",
        "4404019, 4.2 MiB",
        "17825792, 17 MiB",
        "9223372036854775807, 8388608 TiB"
    })
    void a_number_of_bytes_has_the_unit_that_keeps_it_short(long bytes, String text) {
        assertEquals(text, ByteAmounts.text(bytes));
    }
}
