package dev.slipway.actor.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The cases are those of Kubernetes' documentation of dependent variables.
class ExpansionTest {
    private static final Map<String, String> VARIABLES =
            Map.of("VAR_A", "A", "VAR_B", "B", "VAR_REF", "$(VAR_A)", "VAR_EMPTY", "");

    @ParameterizedTest
    @CsvSource({
        "$(VAR_A), A",
        "___$(VAR_B)___, ___B___",
        "$(VAR_A)$(VAR_B), AB",
        "$(VAR_REF), $(VAR_A)",
        "foo$(VAR_EMPTY)bar, foobar",
        "$$(VAR_A), $(VAR_A)",
        "$$$(VAR_A), $A",
        "$$$$(VAR_A), $$(VAR_A)",
        "$(VAR_MISSING), $(VAR_MISSING)",
        "$VAR_A, $VAR_A",
        "$(VAR_A, $(VAR_A",
        "a$, a$",
        "$$, $",
        "$), $)",
        "f000-$((VAR_A), f000-$((VAR_A)",
        "$(), $()",
    })
    void references_are_replaced_as_kubernetes_does(String text, String expanded) {
        assertEquals(expanded, Expansion.expand(text, VARIABLES));
    }

    @Test
    void a_path_has_no_reference_left_in_it() throws MissingReferenceException {
        assertEquals("logs/A", Expansion.expandAll("logs/$(VAR_A)", VARIABLES));
        assertEquals("$(NOPE)", Expansion.expandAll("$$(NOPE)", VARIABLES));

        MissingReferenceException missing =
                assertThrows(MissingReferenceException.class, () -> Expansion.expandAll("$(NOPE)/x", VARIABLES));

        assertEquals("missing value for \"NOPE\" in \"$(NOPE)/x\"", missing.words());
    }
}
