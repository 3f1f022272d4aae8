package dev.slipway.desired.kind.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalsTest {
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "SIGTERM", "sigint", "15", "1", "64", "SIGRTMIN+3", "RTMAX-1"})
    void a_signal_has_a_name_or_a_number(String text) {
        assertEquals(List.of(), Signals.faults(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "65", "-1", "SIGNAL", "SIGRTMIN-3", "TERM "})
    void other_texts_are_no_signals(String text) {
        assertEquals(1, Signals.faults(text).size());
    }
}
