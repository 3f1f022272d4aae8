package dev.slipway.desired.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class GatheredTouchesTest {
    private static final Duration MOMENT = Duration.ofMillis(100);
    private static final ObjectKey A = key("a");
    private static final ObjectKey B = key("b");

    private final FakeDelays delays = new FakeDelays();
    private final List<ObjectKey> rounds = new ArrayList<>();
    private final GatheredTouches gathered = new GatheredTouches(MOMENT, delays, rounds::add);

    @Test
    void touches_of_one_key_within_the_moment_are_one() {
        gathered.touch(A);
        delays.advance(MOMENT.dividedBy(2));
        gathered.touch(A);
        gathered.touch(B);
        assertEquals(List.of(), rounds);
        delays.advance(MOMENT.dividedBy(2));
        assertEquals(List.of(A), rounds);
        delays.advance(MOMENT);
        assertEquals(List.of(A, B), rounds);
    }

    @Test
    void a_touch_while_the_round_begins_is_of_the_next() {
        List<GatheredTouches> same = new ArrayList<>();
        same.add(new GatheredTouches(MOMENT, delays, key -> {
            rounds.add(key);
            if (rounds.size() == 1) {
                same.getFirst().touch(key);
            }
        }));
        same.getFirst().touch(A);
        delays.advance(MOMENT);
        assertEquals(List.of(A), rounds);
        delays.advance(MOMENT);
        assertEquals(List.of(A, A), rounds);
    }

    @Test
    void a_key_whose_delay_could_not_be_had_does_not_wait_for_ever() {
        AtomicBoolean isShort = new AtomicBoolean(true);
        GatheredTouches some = new GatheredTouches(
                MOMENT,
                (delay, task) -> {
                    if (isShort.getAndSet(false)) {
                        throw new OutOfMemoryError("thrown by this test");
                    }
                    return delays.after(delay, task);
                },
                rounds::add);
        assertThrows(OutOfMemoryError.class, () -> some.touch(A));

        some.touch(A);

        delays.advance(MOMENT);
        assertEquals(List.of(A), rounds);
    }

    private static ObjectKey key(String name) {
        return new ObjectKey(GroupResource.core("pods"), "default", name);
    }
}
