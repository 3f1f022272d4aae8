package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SelectorsTest {
    private static final Selectors BOTH = new Selectors("a in (b, c)", "status.phase=Running");

    @Test
    void they_are_parameters_of_a_request() {
        assertEquals("/pods", Selectors.NONE.in("/pods"));
        assertEquals("/pods?watch=true", Selectors.NONE.in("/pods", "watch=true"));
        assertEquals(
                "/pods?labelSelector=a%20in%20%28b%2C%20c%29&fieldSelector=status.phase%3DRunning&watch=true",
                BOTH.in("/pods", "watch=true"));
    }

    @Test
    void one_of_them_may_be_meant_by_its_name() {
        assertEquals(
                "/pods?fieldSelector=metadata.name%3Dweb",
                Selectors.NONE.named("web").in("/pods"));
        assertEquals("status.phase=Running,metadata.name=web", BOTH.named("web").fields());
        assertEquals(BOTH, BOTH.named(""));
    }

    @Test
    void who_selects_names_nobody() {
        List<Target> named = List.of(new Target("pods", "web"));
        List<Target> kinds = List.of(new Target("pods", ""));

        WrongUsageException refused = assertThrows(WrongUsageException.class, () -> BOTH.requireNoNames(named));
        assertEquals("name cannot be provided when a selector is specified", refused.getMessage());
        assertThrows(WrongUsageException.class, () -> new Selected(named, "a=b"));
        assertDoesNotThrow(() -> Selectors.NONE.requireNoNames(named));
        assertDoesNotThrow(() -> BOTH.requireNoNames(kinds));
    }
}
