package dev.slipway.engine.image;

import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Keeps the transfers of one registry from those of the others. Each registry has one *lane* of its own, which nobody
/// else can fill; more than one it takes from those that all share, up to its limit:
///
/// ```
/// slow.example   own | shared shared shared |        at its limit: the fifth waits
/// other.example  own | shared               |
/// third.example  own |                      |        goes on when no shared lane is free
/// ```
///
/// So a registry that stalls holds up its own transfers only, and all together stay few. Who waits longest goes first,
/// among those that may go. Safe for use by many threads.
final class RegistryLanes {
    private final int mostOfOne;
    private final int shared;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition admitted = lock.newCondition();
    private final Deque<Lane> waiting = new ArrayDeque<>();
    private final Map<String, Integer> busy = new HashMap<>();
    private int taken;

    /// @param mostOfOne transfers of one registry at a time
    /// @param shared lanes besides the one that each registry has
    RegistryLanes(int mostOfOne, int shared) {
        this.mostOfOne = mostOfOne;
        this.shared = shared;
    }

    /// Waits for a lane to `host`, and holds it until that is closed.
    Lane enter(String host) throws InterruptedIOException {
        Lane lane = new Lane(host);
        lock.lock();
        try {
            waiting.add(lane);
            admit();
            while (!lane.open) {
                admitted.await();
            }
            return lane;
        } catch (InterruptedException e) {
            waiting.remove(lane);
            lane.close();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted before a transfer with " + host + " began");
        } finally {
            lock.unlock();
        }
    }

    /// Called with the lock held.
    private void admit() {
        for (Iterator<Lane> each = waiting.iterator(); each.hasNext(); ) {
            Lane lane = each.next();
            int own = busy.getOrDefault(lane.host, 0);
            if (own == 0 || own < mostOfOne && taken < shared) {
                taken += own == 0 ? 0 : 1;
                busy.put(lane.host, own + 1);
                lane.open = true;
                each.remove();
            }
        }
        admitted.signalAll();
    }

    /// The right to one transfer. Closed once more, it does nothing.
    final class Lane implements AutoCloseable {
        private final String host;

        /// Guarded by the lock.
        private boolean open;

        private Lane(String host) {
            this.host = host;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (open) {
                    open = false;
                    int own = busy.merge(host, -1, Integer::sum);
                    taken -= own == 0 ? 0 : 1;
                    busy.remove(host, 0);
                    admit();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
