package dev.slipway.actor.volume;

import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.volume.TreeUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// How much each volume took when it was measured last, and when to measure again: after a change of who mounts it, and
/// while somebody does every few minutes. To walk through all files takes long, so a large volume is measured the more
/// rarely: at most one hundredth of the time goes into it. One that has a capacity, which no file system keeps it to,
/// is measured every few seconds, and where the file system counts, every volume is measured often. Thread-safe.
final class Measurements {
    static final Duration AFTER_COUNT = Duration.ofMinutes(1);
    private static final Duration SHORTEST = Duration.ofMinutes(5);
    private static final Duration SHORTEST_WITH_CAPACITY = Duration.ofSeconds(10);
    private static final int IDLE_SHARE = 100;

    private final Map<ObjectKey, Measured> known = new ConcurrentHashMap<>();

    /// @param next when to measure again while it is in use
    private record Measured(TreeUsage usage, List<VolumeUsers.Mount> mounts, Instant next) {}

    /// What was measured last.
    Optional<TreeUsage> usage(ObjectKey volume) {
        return Optional.ofNullable(known.get(volume)).map(Measured::usage);
    }

    boolean isDue(ObjectKey volume, List<VolumeUsers.Mount> mounts, Instant now) {
        Measured measured = known.get(volume);
        return measured == null
                || !measured.mounts().equals(mounts)
                || !mounts.isEmpty() && !now.isBefore(measured.next());
    }

    /// How long to wait after a walk.
    ///
    /// @param took how long it was
    /// @param isBounded whether the volume has a capacity
    static Duration afterWalk(Duration took, boolean isBounded) {
        Duration rest = took.multipliedBy(IDLE_SHARE);
        Duration shortest = isBounded ? SHORTEST_WITH_CAPACITY : SHORTEST;
        return rest.compareTo(shortest) > 0 ? rest : shortest;
    }

    /// @param next when to measure again while it is in use
    void add(ObjectKey volume, List<VolumeUsers.Mount> mounts, TreeUsage usage, Instant next) {
        known.put(volume, new Measured(usage, List.copyOf(mounts), next));
    }

    /// How long until a volume in use is measured again; empty when it is not in use.
    Optional<Duration> pause(ObjectKey volume, Instant now) {
        return Optional.ofNullable(known.get(volume))
                .filter(measured -> !measured.mounts().isEmpty())
                .map(measured -> Duration.between(now, measured.next()))
                .map(left -> left.isNegative() ? Duration.ZERO : left);
    }

    void forget(ObjectKey volume) {
        known.remove(volume);
    }
}
