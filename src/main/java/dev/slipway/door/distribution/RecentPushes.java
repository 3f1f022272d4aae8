package dev.slipway.door.distribution;

import dev.slipway.engine.oci.Repository;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/// When repositories were last pushed to, of those of which that is the least long ago: where anybody may push, he
/// may name as many as he likes. Safe for use by many threads.
final class RecentPushes {
    static final int MOST = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    /// The oldest comes first.
    private final Map<Repository, Instant> pushed = new LinkedHashMap<>();

    void note(Repository repository, Instant now) {
        lock.lock();
        try {
            pushed.remove(repository);
            pushed.put(repository, now);
            if (pushed.size() > MOST) {
                pushed.remove(pushed.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isAfter(Repository repository, Instant limit) {
        lock.lock();
        try {
            return pushed.getOrDefault(repository, Instant.MIN).isAfter(limit);
        } finally {
            lock.unlock();
        }
    }

    /// Forgets those before `limit`.
    void expire(Instant limit) {
        lock.lock();
        try {
            pushed.values().removeIf(last -> last.isBefore(limit));
        } finally {
            lock.unlock();
        }
    }
}
