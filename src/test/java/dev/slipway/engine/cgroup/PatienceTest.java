package dev.slipway.engine.cgroup;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InterruptedIOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PatienceTest {
    @Test
    void a_question_is_asked_until_the_answer_is_yes() throws Exception {
        int[] asked = {0};

        assertTrue(Patience.until(Duration.ofSeconds(20), () -> ++asked[0] == 3));
    }

    @Test
    void patience_ends() throws Exception {
        assertFalse(Patience.until(Duration.ZERO, () -> false));
    }

    @Test
    void an_interrupt_ends_the_wait_and_is_not_lost() {
        Thread.currentThread().interrupt();

        assertThrows(InterruptedIOException.class, () -> Patience.until(Duration.ofSeconds(20), () -> false));

        assertTrue(Thread.interrupted());
    }
}
