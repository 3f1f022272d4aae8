package dev.slipway.door.distribution;

import dev.slipway.door.http.Pace;
import java.time.Duration;

/// What a registry bears of its clients.
///
/// @param connections that are open at a time, of one registry; on HTTP/2, where one carries several requests, also
///     requests that are answered at a time
/// @param uploads that are open at a time, of one registry
/// @param patience with a client that sends nothing, takes nothing or asks nothing
/// @param slowestBytesPerSecond what a client must send or take on the average, once it had `patience`
/// @param largestBlobBytes of one blob, pushed or pulled through
/// @param mirroredBytes of all that was pulled through; then what was asked for longest ago is forgotten
record Limits(
        int connections,
        int uploads,
        Duration patience,
        long slowestBytesPerSecond,
        long largestBlobBytes,
        long mirroredBytes) {
    static final Limits STANDARD = new Limits(1000, 500, Duration.ofSeconds(60), 4096, 64L << 30, 50L << 30);

    Limits withMirroredBytes(long bytes) {
        return new Limits(connections, uploads, patience, slowestBytesPerSecond, largestBlobBytes, bytes);
    }

    /// How slow one client may be.
    Pace pace() {
        return new Pace(patience, slowestBytesPerSecond);
    }
}
