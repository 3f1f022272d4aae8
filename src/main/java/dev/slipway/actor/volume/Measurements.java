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
/// while somebody does every few minutes. Measuring walks through all files, so a large volume is measured the more
/// rarely: at most one hundredth of the time goes into it. Thread-safe.
final class Measurements {
    private static final Duration SHORTEST = Duration.ofMinutes(5);
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

    /// @param took how long the walk was
    void add(ObjectKey volume, List<VolumeUsers.Mount> mounts, TreeUsage usage, Duration took, Instant now) {
        Duration rest = took.multipliedBy(IDLE_SHARE);
        known.put(
                volume,
                new Measured(usage, List.copyOf(mounts), now.plus(rest.compareTo(SHORTEST) > 0 ? rest : SHORTEST)));
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
