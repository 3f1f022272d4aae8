package dev.slipway.engine.stock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StockTest {
    private final AtomicInteger made = new AtomicInteger();
    private final ConcurrentLinkedQueue<Integer> discarded = new ConcurrentLinkedQueue<>();
    private final Stock<Integer> stock = new Stock<>("number", 2, made::incrementAndGet, discarded::add, _ -> {});

    @Test
    void nothing_is_made_before_it_is_asked_for() {
        assertEquals(Optional.empty(), stock.take());
        assertEquals(0, made.get());
    }

    @Test
    void what_was_taken_is_made_again_behind_the_takers_back() {
        List<Runnable> later = new ArrayList<>();
        Stock<Integer> filled = new Stock<>("number", 2, made::incrementAndGet, discarded::add, later::add);
        assertEquals(Optional.empty(), filled.take());

        later.removeFirst().run();
        assertEquals(Optional.of(1), filled.take());
        assertEquals(2, made.get());

        later.removeFirst().run();
        assertEquals(Optional.of(2), filled.take());
        assertEquals(Optional.of(3), filled.take());
    }

    @Test
    void what_is_made_again_at_once_is_there_for_the_next() {
        Stock<Integer> filled = new Stock<>("number", 1, made::incrementAndGet, discarded::add, Runnable::run);
        filled.fill();
        assertEquals(Optional.of(1), filled.take());
        assertEquals(2, made.get());
        assertEquals(Optional.of(2), filled.take());
    }

    @Test
    void one_taken_while_another_fills_is_not_missed() throws Exception {
        int rounds = 200_000;
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        Thread other = Thread.ofPlatform().start(() -> {
            for (int round = 1; round <= rounds; round++) {
                reach(begun, round);
                stock.fill();
                ended.set(round);
            }
        });
        try {
            for (int round = 1; round <= rounds; round++) {
                begun.set(round);
                stock.take();
                stock.fill();
                reach(ended, round);
                assertEquals(2, taken().size(), "ready after round " + round);
            }
        } finally {
            begun.set(rounds);
            other.join();
        }
    }

    private static void reach(AtomicInteger counter, int value) {
        while (counter.get() < value) {
            Thread.onSpinWait();
        }
    }

    @Test
    void a_failure_leaves_the_next_to_try_again() {
        AtomicInteger tries = new AtomicInteger();
        Stock<Integer> poor = new Stock<>(
                "number",
                1,
                () -> {
                    if (tries.incrementAndGet() == 1) {
                        throw new IOException("by this test");
                    }
                    return 7;
                },
                discarded::add,
                _ -> {});
        poor.fill();
        assertEquals(Optional.empty(), poor.take());
        poor.fill();
        assertEquals(Optional.of(7), poor.take());
    }

    @Test
    void what_is_of_no_use_any_more_is_discarded_and_replaced() {
        stock.fill();
        stock.discardIf(number -> number == 1);
        stock.fill();
        assertEquals(List.of(1), List.copyOf(discarded));
        assertEquals(List.of(2, 3), taken());
    }

    @Test
    void after_the_end_nothing_is_kept_not_even_what_was_being_made() {
        List<Stock<Integer>> self = new ArrayList<>();
        Stock<Integer> closing = new Stock<>(
                "number",
                2,
                () -> {
                    self.getFirst().close();
                    return 9;
                },
                discarded::add,
                _ -> {});
        self.add(closing);
        closing.fill();
        closing.fill();
        assertEquals(List.of(9), List.copyOf(discarded));
        assertEquals(Optional.empty(), closing.take());
    }

    private List<Integer> taken() {
        List<Integer> taken = new ArrayList<>();
        for (var next = stock.take(); next.isPresent(); next = stock.take()) {
            taken.add(next.get());
        }
        return taken;
    }
}
