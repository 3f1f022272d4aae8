package dev.slipway.actor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.actor.probe.Probe.Kind;
import dev.slipway.actor.probe.Tally.Result;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TallyTest {
    @Test
    void before_the_first_answer_a_container_lives_and_is_not_ready() {
        assertEquals(Result.SUCCESS, Tally.initial(Kind.LIVENESS).result());
        assertEquals(Result.FAILURE, Tally.initial(Kind.READINESS).result());
        assertEquals(Result.UNKNOWN, Tally.initial(Kind.STARTUP).result());
    }

    @Test
    void a_result_changes_when_enough_equal_answers_came_in_a_row() {
        Probe probe = probe(2, 3);
        Tally tally = Tally.initial(Kind.READINESS);

        assertEquals(Result.FAILURE, after(tally, probe, "+").result());
        assertEquals(Result.FAILURE, after(tally, probe, "+-+").result());
        assertEquals(Result.SUCCESS, after(tally, probe, "++").result());
        assertEquals(Result.SUCCESS, after(tally, probe, "++--+--").result());
        assertEquals(Result.FAILURE, after(tally, probe, "++---").result());
        assertEquals(Result.FAILURE, after(tally, probe, "++---+").result());
    }

    private static Tally after(Tally tally, Probe probe, String answers) {
        Tally now = tally;
        for (char answer : answers.toCharArray()) {
            now = now.next(answer == '+', probe);
        }
        return now;
    }

    private static Probe probe(int successes, int failures) {
        return new Probe(
                Kind.READINESS,
                new Check.Exec(List.of("true")),
                Duration.ZERO,
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                successes,
                failures,
                Optional.empty());
    }
}
