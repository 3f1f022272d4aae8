package dev.slipway.engine.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// The grammar of a `.dockerignore`; what is left out of a build is compared with that of another builder elsewhere.
class IgnoreRulesTest {
    @Test
    void the_last_rule_that_matches_decides() {
        IgnoreRules rules = IgnoreRules.parse("*.log\n!kept.log\nbuild\n");

        assertTrue(rules.leavesOut("a.log"));
        assertFalse(rules.leavesOut("kept.log"));
        assertTrue(rules.leavesOut("build/deep/file"));
        assertFalse(rules.leavesOut("src/a.log"));
    }

    @Test
    void a_rule_that_is_no_pattern_is_named() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> IgnoreRules.parse("*.log\nfile[z-a]\n"));

        assertEquals("\"file[z-a]\" is no pattern: Illegal character range", refused.getMessage());
    }
}
