package dev.slipway.engine.registry;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// How long the client waits, and how often it tries.
///
/// @param connect for a connection
/// @param noProgress for the first answer, and for [#LEAST_PROGRESS_BYTES] more of a body
/// @param attempts of one request, at least 1
/// @param firstPause before the second attempt; doubled for each one after it
/// @param longestPause the longest pause, also when the registry asks for more: then the caller is told instead
public record Patience(
        Duration connect, Duration noProgress, int attempts, Duration firstPause, Duration longestPause) {
    /// A body that brings less than this within [#noProgress] counts as stalled, and a connection that ends with
    /// less as one that has failed.
    static final int LEAST_PROGRESS_BYTES = 1024;

    /// An upload that is slower, by the second, has stalled.
    private static final int LEAST_UPLOAD_BYTES = 32 << 10;

    public static final Patience STANDARD = new Patience(
            Duration.ofSeconds(10), Duration.ofSeconds(30), 5, Duration.ofMillis(200), Duration.ofSeconds(20));

    public Patience {
        if (attempts < 1) {
            throw new IllegalArgumentException("at least one attempt is needed");
        }
    }

    /// How long the answer to a request may take that carries so many bytes.
    Duration answer(long bodyBytes) {
        return noProgress.plusSeconds(bodyBytes / LEAST_UPLOAD_BYTES);
    }

    /// The pause after failed attempt `attempt`, counted from 1: between half of the doubled pause and all of it,
    /// so that clients that failed together do not come back together.
    Duration pauseAfter(int attempt) {
        long whole = Math.min(firstPause.toMillis() << Math.min(attempt - 1, 20), longestPause.toMillis());
        return Duration.ofMillis(whole / 2 + ThreadLocalRandom.current().nextLong(whole / 2 + 1));
    }
}
