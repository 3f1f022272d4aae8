package dev.slipway.desired.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReconcileLoopTest {
    private static final ObjectKey KEY = new ObjectKey(GroupResource.core("pods"), "default", "a");
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8), () -> 0);

    private final FakeDelays delays = new FakeDelays();
    private final List<ObjectKey> rounds = new ArrayList<>();

    @Test
    void a_touched_key_gets_one_round() {
        try (ReconcileLoop loop = loop(Result.SETTLED)) {
            loop.touch(KEY);

            assertEquals(List.of(KEY), rounds);
            assertEquals(0, delays.waiting());
        }
    }

    @Test
    void again_gives_another_round_after_its_time() {
        try (ReconcileLoop loop = loop(new Result.Again(Duration.ofSeconds(5)))) {
            loop.touch(KEY);
            delays.advance(Duration.ofSeconds(4));
            assertEquals(1, rounds.size());

            delays.advance(Duration.ofSeconds(1));

            assertEquals(2, rounds.size());
        }
    }

    @Test
    void waiting_backs_off_up_to_the_limit() {
        try (ReconcileLoop loop = loop(new Result.Waiting("ErrImagePull", Duration.ZERO))) {
            loop.touch(KEY);
            for (int seconds : List.of(1, 2, 4, 8, 8)) {
                int before = rounds.size();
                delays.advance(Duration.ofSeconds(seconds).minusMillis(1));
                assertEquals(before, rounds.size(), "too early, before " + seconds + " s");
                delays.advance(Duration.ofMillis(1));
                assertEquals(before + 1, rounds.size());
            }
        }
    }

    @Test
    void a_touch_replaces_the_round_that_is_due() {
        try (ReconcileLoop loop = loop(new Result.Again(Duration.ofSeconds(5)))) {
            loop.touch(KEY);
            loop.touch(KEY);

            assertEquals(2, rounds.size());
            assertEquals(1, delays.waiting());
        }
    }

    @Test
    void a_round_that_throws_is_repeated() {
        AtomicInteger calls = new AtomicInteger();
        Reconciler failing = key -> {
            switch (calls.incrementAndGet()) {
                case 1 -> throw new IllegalStateException("a bug, thrown by this test");
                case 2 -> throw new StackOverflowError("thrown by this test");
                default -> {
                    return Result.SETTLED;
                }
            }
        };
        try (ReconcileLoop loop = new ReconcileLoop("test", failing, Runnable::run, delays, BACKOFF)) {
            loop.touch(KEY);
            delays.advance(Duration.ofSeconds(1));
            delays.advance(Duration.ofSeconds(2));

            assertEquals(3, calls.get());
        }
    }

    @Test
    void a_worker_that_cannot_be_had_is_asked_for_again() {
        AtomicInteger begun = new AtomicInteger();
        Executor starved = round -> {
            if (begun.incrementAndGet() == 1) {
                throw new OutOfMemoryError("thrown by this test");
            }
            round.run();
        };
        Reconciler counting = key -> {
            rounds.add(key);
            return Result.SETTLED;
        };
        try (ReconcileLoop loop = new ReconcileLoop("test", counting, starved, delays, BACKOFF)) {
            loop.touch(KEY);
            assertEquals(List.of(), rounds);

            delays.advance(Duration.ofSeconds(1));

            assertEquals(List.of(KEY), rounds);
            assertEquals(0, delays.waiting());
        }
    }

    @Test
    void a_touch_during_a_round_makes_one_more_and_rounds_never_overlap() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(2);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger total = new AtomicInteger();
        Reconciler slow = key -> {
            assertEquals(1, inside.incrementAndGet());
            entered.countDown();
            assertTrue(release.await(10, TimeUnit.SECONDS));
            inside.decrementAndGet();
            total.incrementAndGet();
            done.countDown();
            return Result.SETTLED;
        };
        try (ReconcileLoop loop = new ReconcileLoop("test", slow, Thread::startVirtualThread, delays, BACKOFF)) {
            loop.touch(KEY);
            assertTrue(entered.await(10, TimeUnit.SECONDS));
            loop.touch(KEY);
            loop.touch(KEY);
            release.countDown();

            assertTrue(done.await(10, TimeUnit.SECONDS));
            assertTrue(loop.stop(Duration.ofSeconds(10)));
        }
        assertEquals(2, total.get());
    }

    @Test
    void two_hundred_keys_that_never_settle_hold_up_nobody() throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(2000);
        CountDownLatch calm = new CountDownLatch(1);
        Reconciler flapping = key -> {
            if (key.equals(KEY)) {
                calm.countDown();
                return Result.SETTLED;
            }
            busy.countDown();
            return new Result.Again(Duration.ZERO);
        };
        try (TimerDelays timer = new TimerDelays();
                ReconcileLoop loop = new ReconcileLoop("test", flapping, Thread::startVirtualThread, timer, BACKOFF)) {
            for (int i = 0; i < 200; i++) {
                loop.touch(new ObjectKey(GroupResource.core("pods"), "default", "flapping-" + i));
            }
            assertTrue(busy.await(10, TimeUnit.SECONDS));

            loop.touch(KEY);

            assertTrue(calm.await(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void after_stop_nothing_runs_and_nothing_is_due() throws InterruptedException {
        ReconcileLoop loop = loop(new Result.Again(Duration.ofSeconds(5)));
        loop.touch(KEY);

        assertTrue(loop.stop(Duration.ofSeconds(1)));
        loop.touch(KEY);

        assertEquals(1, rounds.size());
        assertEquals(0, delays.waiting());
    }

    @Test
    void jitter_only_shortens() {
        Backoff jittered = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5), () -> 0.999);

        assertTrue(jittered.after(1).compareTo(Duration.ofSeconds(8)) >= 0);
        assertFalse(jittered.after(100).compareTo(Duration.ofMinutes(5)) > 0);
    }

    private ReconcileLoop loop(Result result) {
        Reconciler reconciler = key -> {
            rounds.add(key);
            return result;
        };
        return new ReconcileLoop("test", reconciler, Runnable::run, delays, BACKOFF);
    }
}
