package dev.slipway.door.http;

import java.time.Duration;

/// How slow a client is with what it sends or takes: it may pause for a while, and be slow for a while, but a drop now
/// and then does not hold a connection for ever. For one thread. Pure: who waits says for how long.
public final class Pace {
    private final Duration most;
    private final long slowestBytesPerSecond;
    private Duration waited = Duration.ZERO;
    private long bytes;

    /// @param most how long a client may pause
    /// @param slowestBytesPerSecond what it must move on the average, once it had that long
    public Pace(Duration most, long slowestBytesPerSecond) {
        this.most = most;
        this.slowestBytesPerSecond = slowestBytesPerSecond;
    }

    /// How long to wait for the next bytes to move; zero when there was time enough.
    public Duration patience() {
        Duration earned = Duration.ofMillis(bytes * 1000 / slowestBytesPerSecond);
        Duration left = most.plus(earned).minus(waited);
        if (left.isNegative()) {
            return Duration.ZERO;
        }
        return left.compareTo(most) > 0 ? most : left;
    }

    /// So many bytes have moved after such a wait.
    public void moved(Duration wait, long count) {
        waited = waited.plus(wait);
        bytes += count;
    }
}
