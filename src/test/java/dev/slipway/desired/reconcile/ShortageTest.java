package dev.slipway.desired.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Shortage.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What could not be had is asked for again soon, but not by everybody.
class ShortageTest {
    private final FakeDelays delays = new FakeDelays();
    private final List<ObjectKey> touched = new ArrayList<>();
    private final Shortage shortage = new Shortage(delays);

    ShortageTest() {
        shortage.listen(touched::add);
    }

    @Test
    void a_few_of_many_get_a_turn_and_two_more_for_each_that_is_served() {
        for (int i = 0; i < 9; i++) {
            shortage.note(pod(i), false, Service.REFUSED);
        }

        delays.advance(Shortage.TURN);

        assertEquals(List.of(pod(0), pod(1), pod(2), pod(3)), touched);
        assertTrue(shortage.takeTurn(pod(0)));
        shortage.note(pod(0), true, Service.SERVED);
        assertEquals(List.of(pod(4), pod(5)), touched.subList(4, touched.size()), "who has waited longest");
        shortage.note(pod(4), true, Service.SERVED);
        shortage.note(pod(5), true, Service.REFUSED);

        assertEquals(List.of(pod(6), pod(7)), touched.subList(6, touched.size()));
    }

    @Test
    void all_are_served_without_a_wait_when_there_is_enough() {
        for (int i = 0; i < 500; i++) {
            shortage.note(pod(i), false, Service.REFUSED);
        }
        delays.advance(Shortage.TURN);

        for (int next = 0; next < touched.size(); next++) {
            shortage.note(touched.get(next), shortage.takeTurn(touched.get(next)), Service.SERVED);
        }

        assertEquals(500, touched.size(), "each once");
    }

    @Test
    void everybody_gets_a_turn_in_time() {
        for (int i = 0; i < 9; i++) {
            shortage.note(pod(i), false, Service.REFUSED);
        }

        for (int turn = 0; turn < 3; turn++) {
            delays.advance(Shortage.TURN);
            touched.forEach(key -> shortage.note(key, shortage.takeTurn(key), Service.REFUSED));
        }

        assertEquals(9, Set.copyOf(touched).size());
    }

    @Test
    void turns_are_rare_when_it_lasts_and_frequent_when_there_is_more_of_it() {
        shortage.note(pod(0), false, Service.REFUSED);
        for (int i = 0; i < Shortage.EARLY_TURNS; i++) {
            delays.advance(Shortage.TURN);
        }
        touched.clear();

        delays.advance(Shortage.TURN);
        assertEquals(List.of(), touched);
        delays.advance(Shortage.LATE_TURN.minus(Shortage.TURN));
        assertEquals(List.of(pod(0)), touched);

        shortage.note(pod(1), false, Service.REFUSED);
        delays.advance(Shortage.LATE_TURN);
        touched.clear();
        delays.advance(Shortage.TURN);
        assertEquals(2, touched.size());
    }

    @Test
    void nobody_is_asked_for_who_has_gone_or_wants_nothing_any_more() {
        shortage.note(pod(0), false, Service.REFUSED);
        shortage.note(pod(1), false, Service.REFUSED);
        shortage.forget(pod(0));
        delays.advance(Shortage.TURN);
        assertEquals(List.of(pod(1)), touched);

        shortage.note(pod(1), shortage.takeTurn(pod(1)), Service.NONE);
        touched.clear();
        delays.advance(Duration.ofHours(1));

        assertEquals(List.of(), touched);
        assertFalse(shortage.takeTurn(pod(1)));
    }

    private static ObjectKey pod(int number) {
        return new ObjectKey(GroupResource.core("pods"), "default", "pod" + number);
    }
}
