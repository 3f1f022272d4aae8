package dev.slipway.actor.volume;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Keeps the walks through volumes from being many at once, and from taking much of the host together: one at a time,
/// and after each a rest for all, so that however many large volumes there are, walks have a twentieth of the time.
/// Who has to wait is told so, and does not block meanwhile.
///
/// Thread-safe: a monitor.
final class WalkLane {
    private static final Duration WHILE_TAKEN = Duration.ofSeconds(1);
    private static final int REST = 19;

    private boolean isTaken;
    private Instant left = Instant.MIN;
    private Duration rest = Duration.ZERO;

    /// Takes the lane, until [#leave].
    ///
    /// @return how long to wait before asking again; empty if it is taken now
    synchronized Optional<Duration> enter(Instant now) {
        if (isTaken) {
            return Optional.of(WHILE_TAKEN);
        }
        // A clock that was set back makes nobody wait for it.
        if (!now.isBefore(left) && now.isBefore(left.plus(rest))) {
            return Optional.of(Duration.between(now, left.plus(rest)));
        }
        isTaken = true;
        return Optional.empty();
    }

    /// @param took how long the walk was
    synchronized void leave(Instant now, Duration took) {
        isTaken = false;
        left = now;
        rest = took.isNegative() ? Duration.ZERO : took.multipliedBy(REST);
    }
}
