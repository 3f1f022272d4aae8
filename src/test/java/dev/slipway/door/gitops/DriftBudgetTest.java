package dev.slipway.door.gitops;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DriftBudgetTest {
    private static final ObjectKey WEB = new ObjectKey(GroupResource.core("pods"), "shop", "web");

    private final DriftBudget budget = new DriftBudget();
    private Instant now = Instant.parse("2026-01-31T08:00:00Z");

    @Test
    void ten_corrections_come_at_once_and_the_next_after_a_pause() {
        spendAll();

        assertFalse(budget.spend(WEB, now));
        now = now.plus(DriftBudget.PAUSE);
        assertTrue(budget.spend(WEB, now));
        assertFalse(budget.spend(WEB, now));
    }

    @Test
    void a_clock_that_is_set_back_makes_no_pause_longer() {
        spendAll();

        assertTrue(budget.spend(WEB, now.minus(Duration.ofDays(1))));
    }

    private void spendAll() {
        for (int i = 0; i < 10; i++) {
            assertTrue(budget.spend(WEB, now));
        }
    }
}
