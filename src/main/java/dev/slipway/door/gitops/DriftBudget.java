package dev.slipway.door.gitops;

import dev.slipway.desired.meta.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/// How often an object is corrected: ten times in a row at once, and then every ten seconds, so that two parties who
/// both insist do not wear out the disk. A minute without drift makes it forget, as does a clock
/// that is set back. Used by one thread.
final class DriftBudget {
    static final Duration PAUSE = Duration.ofSeconds(10);
    private static final Duration CALM = Duration.ofMinutes(1);
    private static final int AT_ONCE = 10;

    private final Map<ObjectKey, Row> rows = new HashMap<>();

    private record Row(int corrections, Instant last) {}

    /// Counts a correction, if it may be made now.
    boolean spend(ObjectKey key, Instant now) {
        rows.values()
                .removeIf(
                        row -> !row.last().plus(CALM).isAfter(now) || row.last().isAfter(now));
        Row row = rows.getOrDefault(key, new Row(0, now));
        if (row.corrections() >= AT_ONCE && row.last().plus(PAUSE).isAfter(now)) {
            return false;
        }
        rows.put(key, new Row(row.corrections() + 1, now));
        return true;
    }
}
