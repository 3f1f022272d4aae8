package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class VariablesTest {
    @Test
    void a_variable_that_is_set_counts() {
        assertEquals("/run/two", run(Map.of("SLIPWAY_RUN", "/run/two", "SLIPWAY_RNU", "/run/three")));
        assertEquals("/run/slipway", run(Map.of("SLIPWAY_ROOT", "/data", "SLIPWAY_LISTEN", "off", "RUM", "yes")));
    }

    @Test
    void a_misspelled_one_does_not_lead_to_another_engine() {
        WrongUsageException refused =
                assertThrows(WrongUsageException.class, () -> run(Map.of("SLIPWAY_RNU", "/run/three")));

        assertEquals("SLIPWAY_RNU is no variable of slipway; did you mean SLIPWAY_RUN?", refused.getMessage());
    }

    private static String run(Map<String, String> environment) {
        return Variables.of(environment, "SLIPWAY_RUN", "/run/slipway");
    }
}
