package dev.slipway.actor.storage;

import dev.slipway.engine.runtime.StorageUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What is known of the storage of one pod, and when to look again. Thread-safe.
final class Watched {
    private static final int LEAST_PAUSE = 100;
    private static final int LEAST_URGENT_PAUSE = 10;
    private static final long NOTABLE_BYTES = 1 << 20;
    private static final int NOTABLE_PART = 20;

    private final StorageWatch.Pace pace;
    private StorageLimits limits;
    private Optional<StorageUsage> last = Optional.empty();
    private Optional<StorageUsage> told = Optional.empty();
    private Optional<String> excess = Optional.empty();
    private long freeBytes;
    private Duration pause;
    private Instant next = Instant.MIN;
    private Instant nextUrgent = Instant.MIN;

    Watched(StorageLimits limits, StorageWatch.Pace pace) {
        this.limits = limits;
        this.pace = pace;
        this.pause = pace.shortest();
    }

    /// Other limits are compared with what is used at once.
    synchronized void become(StorageLimits other) {
        if (!other.equals(limits)) {
            limits = other;
            next = Instant.MIN;
        }
    }

    /// A pod without limits is not looked at any more; what is known of it stays.
    synchronized boolean isWatched() {
        return !limits.isEmpty() && excess.isEmpty();
    }

    /// @param free on the file system now
    synchronized boolean isDue(Instant now, long free) {
        if (!isWatched() || now.isBefore(nextUrgent)) {
            return false;
        }
        boolean canExceed = last.isPresent() && freeBytes - free >= limits.headroomBytes(last.get());
        return canExceed || !now.isBefore(next);
    }

    /// @param took how long it took to look
    /// @param free on the file system before that
    /// @return whether there is something to tell
    synchronized boolean see(StorageUsage usage, Duration took, long free, Instant now) {
        boolean isSame = last.filter(usage::equals).isPresent();
        Duration doubled = pause.multipliedBy(2);
        pause = isSame ? (doubled.compareTo(pace.longest()) < 0 ? doubled : pace.longest()) : pace.shortest();
        Duration least = took.multipliedBy(LEAST_PAUSE);
        next = now.plus(pause.compareTo(least) < 0 ? least : pause);
        nextUrgent = now.plus(took.multipliedBy(LEAST_URGENT_PAUSE));
        last = Optional.of(usage);
        freeBytes = free;
        Optional<String> found = limits.excess(usage);
        boolean isNews = !found.equals(excess) || isNotable(usage);
        excess = found;
        if (isNews) {
            told = last;
        }
        return isNews;
    }

    synchronized Optional<String> excess() {
        return excess;
    }

    /// What was used when there was something to tell last.
    synchronized Optional<StorageUsage> told() {
        return told;
    }

    /// A status is not written for every byte.
    private boolean isNotable(StorageUsage usage) {
        if (told.isEmpty()) {
            return true;
        }
        long before = told.get().bytes();
        long change = Math.abs(usage.bytes() - before);
        return change >= Math.max(NOTABLE_BYTES, before / NOTABLE_PART)
                || limits.isPressed(usage) != limits.isPressed(told.get());
    }
}
