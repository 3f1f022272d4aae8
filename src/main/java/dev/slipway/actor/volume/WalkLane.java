package dev.slipway.actor.volume;

import dev.slipway.desired.meta.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Keeps the walks through volumes from being many at once, and from taking much of the host together: one at a time,
/// and after each a rest for all, so that however many volumes there are, walks have a twentieth of the time. No rest
/// is long, though: one huge volume does not keep others from being measured.
///
/// Who has to wait is told how long, and does not block meanwhile. Who came first has the first turn, so the n-th is
/// told to come after n turns, and to look again in a minute where that is long, for turns may be shorter than the
/// last ones; the turn of one that does not come passes to the next.
///
/// All times are of a clock that nobody sets and that stands still while the host is suspended. Thread-safe: a monitor.
final class WalkLane {
    private static final int REST = 19;
    private static final Duration LONGEST_REST = Duration.ofSeconds(30);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    private static final Duration SHORTEST_TURN = Duration.ofMillis(100);
    private static final Duration FIRST_LOOK = Duration.ofSeconds(1);
    private static final Duration LATE = Duration.ofSeconds(10);

    /// Who waits, and until when they were told to.
    private final Map<ObjectKey, Instant> queue = new LinkedHashMap<>();

    private boolean isTaken;
    /// Of the walk that goes on, or of the last one.
    private Instant begin = Instant.EPOCH;

    private Instant free = Instant.EPOCH;
    private Duration last = Duration.ZERO;
    private Duration turn = SHORTEST_TURN;

    /// Takes the lane, until [#leave].
    ///
    /// @return how long to wait before asking again; empty if it is taken now
    synchronized Optional<Duration> enter(ObjectKey volume, Instant now) {
        queue.entrySet()
                .removeIf(each -> !each.getKey().equals(volume)
                        && now.isAfter(each.getValue().plus(LATE)));
        queue.putIfAbsent(volume, now);
        int ahead = List.copyOf(queue.keySet()).indexOf(volume);
        Duration wait = shorter(untilFree(now).plus(turn.multipliedBy(ahead)), LONGEST_WAIT);
        if (wait.isZero()) {
            queue.remove(volume);
            isTaken = true;
            begin = now;
            return Optional.empty();
        }
        queue.put(volume, now.plus(wait));
        return Optional.of(wait);
    }

    /// How long a walk takes is known at its end only; one that is long already is looked at again the later. That
    /// is never later than its rest ends.
    private Duration untilFree(Instant now) {
        if (isTaken) {
            return shorter(longer(Duration.between(begin, now), FIRST_LOOK), LONGEST_REST);
        }
        return longer(Duration.between(now, free), Duration.ZERO);
    }

    /// The walk is at its end.
    synchronized void leave(Instant now) {
        isTaken = false;
        Duration took = Duration.between(begin, now);
        Duration rest = shorter(took.multipliedBy(REST), LONGEST_REST);
        free = now.plus(rest);
        // After one long walk others are not told to wait as if all were: who comes too early is told again.
        Duration latest = took.plus(rest);
        turn = longer(shorter(last, latest), SHORTEST_TURN);
        last = latest;
    }

    /// It does not wait any more.
    synchronized void forget(ObjectKey volume) {
        queue.remove(volume);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
