package dev.slipway.actor.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StopSignalsTest {
    @ParameterizedTest
    @CsvSource({
        "SIGTERM, 15",
        "term, 15",
        "15, 15",
        "SIGQUIT, 3",
        "SIGRTMIN, 34",
        "SIGRTMIN+3, 37",
        "RTMAX-1, 63",
        "64, 64"
    })
    void signals_have_names_and_numbers(String text, int number) {
        assertEquals(OptionalInt.of(number), StopSignals.number(text));
    }

    @ParameterizedTest
    @CsvSource({"''", "0", "65", "SIGNOTHING", "SIGRTMIN+40", "-1"})
    void other_texts_name_none(String text) {
        assertEquals(OptionalInt.empty(), StopSignals.number(text));
    }
}
