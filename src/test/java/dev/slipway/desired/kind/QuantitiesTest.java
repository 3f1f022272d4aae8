package dev.slipway.desired.kind;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "0, 0",
        "1.5, 1.5",
        ".5, 0.5",
        "5., 5",
        "+1, 1",
        "-1, -1",
        "500m, 0.5",
        "100n, 1E-7",
        "7u, 7E-6",
        "1k, 1000",
        "2M, 2000000",
        "1Ki, 1024",
        "64Mi, 67108864",
        "1E, 1E18",
        "1e3, 1000",
        "1E3, 1000",
        "2e-2, 0.02",
        "1Ei, 1152921504606846976"
    })
    void a_quantity_is_a_number(String text, BigDecimal number) {
        assertEquals(0, Quantities.parse(text).orElseThrow().compareTo(number), Quantities.parse(text)::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ".",
                "-",
                "x",
                "1 Mi",
                "1mi",
                "1KiB",
                "1.2.3",
                "1e",
                "1e400",
                "1e1000000000",
                "0x10",
                "1e3m",
                "9999999999999999999999",
                "Infinity",
                "NaN"
            })
    void other_texts_are_none(String text) {
        assertEquals(Optional.empty(), Quantities.parse(text));
    }
}
