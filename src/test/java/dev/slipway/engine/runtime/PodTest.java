package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What is known of a pod when events come late.
class PodTest {
    private static final PodUid UID = new PodUid("pod");

    @Test
    void a_sandbox_whose_first_process_has_ended_is_not_whole() {
        Pod pod = pod();

        assertTrue(pod.lose(() -> false));

        assertEquals(Optional.empty(), pod.sandbox());
        assertTrue(pod.knownSandbox().isPresent());
    }

    @Test
    void a_late_word_of_the_process_before_does_not_lose_the_one_that_is() {
        Pod pod = pod();

        assertFalse(pod.lose(() -> true));

        assertTrue(pod.sandbox().isPresent());
    }

    @Test
    void a_sandbox_that_is_made_again_while_somebody_looks_stays_whole() {
        Pod pod = pod();

        boolean isLost = pod.lose(() -> {
            pod.know(record(), true);
            return false;
        });

        assertFalse(isLost);
        assertTrue(pod.sandbox().isPresent());
    }

    private static Pod pod() {
        Pod pod = new Pod(UID);
        pod.know(record(), true);
        return pod;
    }

    private static SandboxRecord record() {
        return new SandboxRecord(
                UID,
                "default",
                "web",
                "web",
                "10.0.0.1",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Map.of());
    }
}
