package dev.slipway.actor.volume;

import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Pause;
import dev.slipway.engine.volume.TreeUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// How much each volume took when it was measured last, and when to measure again: after a change of who mounts it, and
/// while somebody does every few minutes. To walk through all files takes long, so a large volume is measured the more
/// rarely: at most one hundredth of the time goes into it. One that has a capacity, which no file system keeps it to,
/// is measured every few seconds while it grows or is more than half full, and more and more rarely while it rests.
/// Where the file system counts, every volume is measured often. Thread-safe.
final class Measurements {
    static final Duration AFTER_COUNT = Duration.ofMinutes(1);
    private static final Duration SHORTEST = Duration.ofMinutes(5);
    private static final Duration SHORTEST_WITH_CAPACITY = Duration.ofSeconds(10);
    static final Duration AFTER_FAILURE = Duration.ofMinutes(1);
    private static final int IDLE_SHARE = 100;
    private static final int HALF = 2;
    private static final int STEP = 20;

    private final Map<ObjectKey, Measured> known = new ConcurrentHashMap<>();

    /// @param next when to measure again while it is in use
    private record Measured(Optional<TreeUsage> usage, List<VolumeUsers.Mount> mounts, Pause next) {}

    /// What was measured last.
    Optional<TreeUsage> usage(ObjectKey volume) {
        return Optional.ofNullable(known.get(volume)).flatMap(Measured::usage);
    }

    boolean isDue(ObjectKey volume, List<VolumeUsers.Mount> mounts, Instant now) {
        Measured measured = known.get(volume);
        return measured == null
                || !measured.mounts().equals(mounts)
                || !mounts.isEmpty() && measured.next().isOver(now);
    }

    /// How long to wait after a walk.
    ///
    /// @param took how long it was
    /// @param usage what it found
    /// @param capacity of the volume, in bytes
    Duration afterWalk(ObjectKey volume, Duration took, TreeUsage usage, Optional<Long> capacity) {
        Duration rest = took.multipliedBy(IDLE_SHARE);
        Duration shortest = capacity.map(most -> whileBounded(known.get(volume), usage.bytes(), most))
                .orElse(SHORTEST);
        return rest.compareTo(shortest) > 0 ? rest : shortest;
    }

    private static Duration whileBounded(@Nullable Measured last, long bytes, long capacity) {
        if (last == null || last.usage().isEmpty() || bytes > capacity / HALF) {
            return SHORTEST_WITH_CAPACITY;
        }
        if (bytes - last.usage().get().bytes() > capacity / STEP) {
            return SHORTEST_WITH_CAPACITY;
        }
        Duration longer = last.next().length().multipliedBy(2);
        return longer.compareTo(SHORTEST) < 0 ? longer : SHORTEST;
    }

    /// @param end when that was seen
    /// @param pause until it is measured again while it is in use
    void add(ObjectKey volume, List<VolumeUsers.Mount> mounts, TreeUsage usage, Instant end, Duration pause) {
        known.put(volume, new Measured(Optional.of(usage), List.copyOf(mounts), Pause.of(end, pause)));
    }

    /// What was known goes on to hold, and the next try comes later.
    void addFailure(ObjectKey volume, List<VolumeUsers.Mount> mounts, Instant end) {
        known.put(volume, new Measured(usage(volume), List.copyOf(mounts), Pause.of(end, AFTER_FAILURE)));
    }

    /// How long until a volume in use is measured again; empty when it is not in use.
    Optional<Duration> pause(ObjectKey volume, Instant now) {
        return Optional.ofNullable(known.get(volume))
                .filter(measured -> !measured.mounts().isEmpty())
                .map(measured -> measured.next().left(now));
    }

    void forget(ObjectKey volume) {
        known.remove(volume);
    }
}
