package dev.slipway.desired.reconcile;

import dev.slipway.desired.meta.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Those whom something that all need could not serve: a host without space, processes, memory or descriptors. Each has
/// a back-off of its own, which grows; that alone would leave them waiting for minutes after the cause has gone. So a
/// few of them, however many there are, get a turn every half a second, and each that is served gives two others one:
/// as long as there is enough for all, twice as many ask each time, and where there is little it goes to a few.
///
/// ```
/// a to g REFUSED          a REFUSED    b REFUSED          a SERVED         b, c SERVED
///    |------- 0.5 s ---------|--- 0.5 s ---| cause gone ---- | -> b, c ask ----- | -> d, e, f, g ask
/// ```
///
/// What lasts for a minute may last for ever: then a turn comes every five seconds, until another one is refused.
///
/// Thread-safe.
public final class Shortage {
    /// What a round has found out.
    public enum Service {
        /// Nothing was asked for.
        NONE,
        SERVED,
        REFUSED
    }

    public static final Duration TURN = Duration.ofMillis(500);
    static final Duration LATE_TURN = Duration.ofSeconds(5);
    static final int EARLY_TURNS = 120;
    private static final int TURNS_AT_ONCE = 4;
    private static final int TURNS_OF_SERVED = 2;

    private final Delays delays;
    private final ReentrantLock lock = new ReentrantLock();
    /// Who has waited longest for a turn comes first.
    private final LinkedHashSet<ObjectKey> waiting = new LinkedHashSet<>();
    private final Set<ObjectKey> turns = new HashSet<>();
    private int turnsSoFar;
    private boolean isClockSet;
    private Consumer<ObjectKey> touch = none -> {};

    public Shortage(Delays delays) {
        this.delays = delays;
    }

    /// @param listener starts a round; called on the thread of the delays, or in a round of another key
    public void listen(Consumer<ObjectKey> listener) {
        lock.lock();
        try {
            touch = listener;
        } finally {
            lock.unlock();
        }
    }

    /// Whether a key may ask again although its back-off is not over; said once for each turn.
    public boolean takeTurn(ObjectKey key) {
        lock.lock();
        try {
            return turns.remove(key);
        } finally {
            lock.unlock();
        }
    }

    /// @param hadTurn whether the round was one that [#takeTurn] has allowed
    public void note(ObjectKey key, boolean hadTurn, Service service) {
        switch (service) {
            case REFUSED -> wait(key);
            case SERVED -> giveTurns(forget(key) ? TURNS_OF_SERVED : 0, false);
            case NONE -> {
                if (hadTurn) {
                    // It wants nothing any more.
                    forget(key);
                }
            }
        }
    }

    /// @return whether it has waited
    public boolean forget(ObjectKey key) {
        lock.lock();
        try {
            turns.remove(key);
            return waiting.remove(key);
        } finally {
            lock.unlock();
        }
    }

    private void wait(ObjectKey key) {
        lock.lock();
        try {
            if (waiting.add(key)) {
                turnsSoFar = 0;
            }
            setClock();
        } finally {
            lock.unlock();
        }
    }

    /// Called under the lock.
    private void setClock() {
        if (!isClockSet && !waiting.isEmpty()) {
            isClockSet = true;
            delays.after(turnsSoFar < EARLY_TURNS ? TURN : LATE_TURN, this::tick);
        }
    }

    private void tick() {
        lock.lock();
        try {
            isClockSet = false;
            turnsSoFar++;
            setClock();
        } finally {
            lock.unlock();
        }
        giveTurns(TURNS_AT_ONCE, true);
    }

    /// @param evenAgain also to those who have not used theirs yet
    private void giveTurns(int most, boolean evenAgain) {
        List<ObjectKey> next = new ArrayList<>();
        Consumer<ObjectKey> listener;
        lock.lock();
        try {
            waiting.stream()
                    .filter(key -> evenAgain || !turns.contains(key))
                    .limit(most)
                    .forEach(next::add);
            // Behind those who have not had one.
            next.forEach(waiting::addLast);
            turns.addAll(next);
            listener = touch;
        } finally {
            lock.unlock();
        }
        next.forEach(listener);
    }
}
