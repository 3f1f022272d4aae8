package dev.slipway.actor.probe;

import java.util.Optional;

/// What a probe makes of its findings: the last result that reached its threshold, and the row of equal findings since
/// the last different one. Pure.
///
/// @param result what holds
/// @param last the latest finding; empty before the first
/// @param row how often it came in a row
record Tally(Result result, Optional<Boolean> last, int row) {
    enum Result {
        UNKNOWN,
        SUCCESS,
        FAILURE
    }

    /// Before the first finding: not ready, alive, and nobody knows whether it has started.
    static Tally initial(Probe.Kind kind) {
        return of(
                switch (kind) {
                    case STARTUP -> Result.UNKNOWN;
                    case READINESS -> Result.FAILURE;
                    case LIVENESS -> Result.SUCCESS;
                });
    }

    /// As another engine has left it.
    static Tally of(Result result) {
        return new Tally(result, Optional.empty(), 0);
    }

    Tally next(boolean isGood, Probe probe) {
        int now = last.filter(before -> before == isGood).isPresent() ? row + 1 : 1;
        boolean counts = now >= (isGood ? probe.successThreshold() : probe.failureThreshold());
        Result reached = isGood ? Result.SUCCESS : Result.FAILURE;
        return new Tally(counts ? reached : result, Optional.of(isGood), now);
    }
}
