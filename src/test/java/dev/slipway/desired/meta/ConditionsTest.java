package dev.slipway.desired.meta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConditionsTest {
    private static final Instant EARLY = Instant.parse("2026-01-31T08:00:00.7Z");
    private static final Instant LATE = Instant.parse("2026-01-31T09:00:00Z");

    private final ObjectNode status = ObjectCodec.json().createObjectNode();

    @Test
    void a_condition_keeps_its_time_until_its_status_changes() {
        Conditions.set(status, Condition.no("Ready", Reason.PROGRESSING, "pulling"), 1, EARLY);
        Conditions.set(status, Condition.no("Ready", Reason.ERR_IMAGE_PULL, "no such host"), 2, LATE);

        JsonNode ready = status.path("conditions").path(0);
        assertEquals("2026-01-31T08:00:00Z", ready.path("lastTransitionTime").asText());
        assertEquals("ErrImagePull", ready.path("reason").asText());
        assertEquals(2, ready.path("observedGeneration").asInt());

        Conditions.set(status, Condition.yes("Ready", Reason.SUCCEEDED, ""), 2, LATE);

        assertEquals("2026-01-31T09:00:00Z", ready.path("lastTransitionTime").asText());
        assertEquals(1, status.path("conditions").size());
        assertTrue(Conditions.isTrue(status, "Ready"));
    }

    @Test
    void saying_the_same_again_changes_nothing() {
        Conditions.set(status, Condition.yes("Ready", Reason.SUCCEEDED, ""), 1, EARLY);
        ObjectNode before = status.deepCopy();

        Conditions.set(status, Condition.yes("Ready", Reason.SUCCEEDED, ""), 1, LATE);

        assertEquals(before, status);
    }

    @Test
    void a_condition_is_found_and_removed_by_type() {
        Condition stalled = Condition.unknown("Stalled", Reason.NOT_FOUND, "gone");
        Conditions.set(status, Condition.yes("Ready", Reason.SUCCEEDED, ""), 0, EARLY);
        Conditions.set(status, stalled, 0, EARLY);

        assertEquals(Optional.of(stalled), Conditions.find(status, "Stalled"));
        Conditions.remove(status, "Stalled");

        assertEquals(Optional.empty(), Conditions.find(status, "Stalled"));
        assertFalse(Conditions.isTrue(status, "Stalled"));
        assertTrue(Conditions.isTrue(status, "Ready"));
    }
}
