package dev.slipway.door.distribution;

import java.time.Duration;

/// How slow a client is with what it sends or takes: it may pause for a while, and be slow for a while, but a drop now
/// and then does not hold a connection for ever. For one thread. Pure: who waits says for how long.
final class Pace {
    private final Limits limits;
    private Duration waited = Duration.ZERO;
    private long bytes;

    Pace(Limits limits) {
        this.limits = limits;
    }

    /// How long to wait for the next bytes to move; zero when there was time enough.
    Duration patience() {
        Duration earned = Duration.ofMillis(bytes * 1000 / limits.slowestBytesPerSecond());
        Duration left = limits.patience().plus(earned).minus(waited);
        if (left.isNegative()) {
            return Duration.ZERO;
        }
        return left.compareTo(limits.patience()) > 0 ? limits.patience() : left;
    }

    /// So many bytes have moved after such a wait.
    void moved(Duration wait, long count) {
        waited = waited.plus(wait);
        bytes += count;
    }
}
