package dev.slipway.door.progress;

import java.time.Duration;
import java.util.Locale;

/// Times as people read them.
final class Durations {
    private Durations() {}

    /// `0.4 s`, `12 s`, `3 min 5 s`.
    static String text(Duration time) {
        long seconds = time.toSeconds();
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
        }
        return seconds < 60 ? seconds + " s" : "%d min %d s".formatted(seconds / 60, seconds % 60);
    }
}
